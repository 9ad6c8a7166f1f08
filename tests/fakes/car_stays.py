"""A car at a gate, as a lane would write it into a store."""

from edge.store.store import Store
from models.command import Intent, Outcome, Position, Report
from models.decision import Decision, Reason, Verdict
from models.facts import Facts
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.plate import Band, Ground, PlateKind, PlateReading, PlateSeen
from models.sighting import Sighting
from tests.fakes import store_words as say
from tests.fakes.store_words import NOW, POLICY

LOOPED = 1
"""The lane whose passages are counted by loops."""


def drive(
    store: Store,
    plate: str,
    way: Direction = Direction.ENTRY,
    *,
    lane: int = 1,
    at: float = 0.0,
    passed: bool = True,
) -> int:
    """Let a car through as a lane would write it; return the decision's row."""
    now, vehicle = NOW.after(at), store.car(plate).vehicle
    reading = PlateReading(plate, PlateKind.ORDINARY, Ground.BLUE, 0.9, Band.ACCEPT)
    seen = PlateSeen(Sighting(lane, way, now.mono), reading, 1, nearing=True)
    facts = Facts(
        lane=Lane(
            lane,
            f"lane {lane}",
            LaneKind.VEHICLE,
            frozenset(Direction),
            Drive.PULSE,
            frozenset({Credential.PLATE, Credential.PASS}),
        ),
        compound="00000000",
        today=now.utc.date(),
        vehicle=vehicle,
    )
    reason = Reason.RESIDENT if vehicle else Reason.UNKNOWN_PLATE
    intent = say.wish(lane)
    seq = store.record(
        seen,
        facts,
        Decision(Verdict.OPEN, reason),
        now,
        intent=intent,
        crop=None,
        policy=POLICY,
        who=plate,
        home=None,
    )
    store.outcome(done(intent), seq, 10, now)
    if lane == LOOPED:
        store.passage(seq, passed, now)
    return seq


def done(intent: Intent) -> Report:
    """Return the report of a relay that opened."""
    return Report(intent.cmd_id, intent.relay, intent.lane, Outcome.DONE, Position.OPEN, 1.0)
