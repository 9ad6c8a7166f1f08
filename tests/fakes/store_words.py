"""The people, lanes and moments that the store's tests speak of."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from models.command import Action, Intent, Outcome, Position, Refusal, Report
from models.decision import Decision, Reason, Verdict
from models.facts import Facts
from models.home import Home
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.moment import Moment
from models.observation import FaceFault, FaceSeen, GuardPressed, GuardReason, PassShown, Sighting
from models.registry import Consent, Resident
from models.template import Template
from models.visit import Claims, PassKind, PassUse

NOW = Moment(datetime(2026, 5, 1, 8, 0, tzinfo=UTC), 5000.0)
TODAY = date(2026, 5, 1)
HOME = Home(3, 1, 502)
BOOT = "this-boot"
POLICY = "1"
_NUMBERS = count(1)

Harm = Callable[[Path], None]
"""Something bad that happens to a file."""


def lane(number: int = 1) -> Lane:
    return Lane(
        number,
        f"lane {number}",
        LaneKind.PEDESTRIAN,
        frozenset(Direction),
        Drive.PULSE,
        frozenset({Credential.FACE, Credential.PASS}),
    )


def facts(
    number: int = 1,
    *,
    resident: Resident | None = None,
    claims: Claims | None = None,
    uses: tuple[PassUse, ...] = (),
) -> Facts:
    return Facts(lane(number), "kuahu", TODAY, resident=resident, claims=claims, uses=uses)


def claims(pass_id: str = "aa" * 16, host: str = "bb" * 8) -> Claims:
    return Claims(
        pass_id,
        host,
        "kuahu",
        frozenset(),
        NOW.utc - timedelta(hours=1),
        NOW.utc + timedelta(hours=3),
        1,
        PassKind.SINGLE,
        kid=1,
    )


def consent() -> Consent:
    return Consent("2026-01", NOW.utc, "desk", "guard-wang")


def templates(seed: int = 1) -> tuple[Template, Template]:
    return (
        Template("sface-1", bytes([seed]) * 512),
        Template("sface-1", bytes([seed, 255 - seed]) * 256),
    )


def sighting(number: int = 1, direction: Direction = Direction.ENTRY) -> Sighting:
    return Sighting(number, direction, NOW.mono - 0.5, "cam-1")


def face(resident: str | None, number: int = 1) -> FaceSeen:
    fault = None if resident else FaceFault.UNKNOWN
    return FaceSeen(sighting(number), resident, fault, 0.71, gallery=3, track=9)


def shown(number: int = 1, direction: Direction = Direction.ENTRY) -> PassShown:
    return PassShown(sighting(number, direction), "KH1:THE-TOKEN-ITSELF")


def pressed(note: str = "", answers: int | None = None) -> GuardPressed:
    return GuardPressed(sighting(), "guard-wang", GuardReason.DELIVERY, note, answers)


def opens(reason: Reason = Reason.VISITOR, use: int | None = None) -> Decision:
    return Decision(Verdict.OPEN, reason, use=use)


def refuses(reason: Reason = Reason.UNKNOWN_FACE) -> Decision:
    return Decision(Verdict.REFUSE, reason)


def wish(number: int = 1) -> Intent:
    serial = next(_NUMBERS)
    return Intent(f"{serial:032x}", number, f"relay-{number}", Action.OPEN, serial, NOW.mono + 0.3)


def answer(intent: Intent, outcome: Outcome, why: Refusal | None = None) -> Report:
    position = Position.OPEN if outcome is Outcome.DONE else Position.UNKNOWN
    return Report(intent.cmd_id, intent.relay, intent.lane, outcome, position, NOW.mono + 0.2, why)
