"""Status: how everything is, in words with what to do, for the page and for `doctor`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from edge import wire
from edge.core.eyes import Eyes
from edge.lane import LaneKeeper
from gate.barrier import State
from models.moment import Moment, Trust

SHOWN_FOR = 60.0
"""Seconds for which something that happened once is shown."""
Trouble = tuple[str, str, str]
"""Part, what is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class LaneShape:
    """What of a lane's settings its tile shows."""

    relay: str
    cameras: tuple[str, ...]
    kiosk: bool
    demo: bool


@dataclass(frozen=True, slots=True)
class Sources:
    """Where status looks."""

    name: str
    timezone: str
    keepers: Mapping[int, LaneKeeper]
    shapes: Mapping[int, LaneShape]
    eyes: Eyes
    broker: Callable[[], str]
    """Why the broker is away; empty where it is not."""
    relay: Callable[[str], str]
    """Why a relay cannot be commanded; empty where it can."""
    store: Callable[[], tuple[Trouble, ...]]
    centre: Callable[[], tuple[str, int, int, str]]
    """`none`, `ok` or `away`; waiting; quarantined; the complaint."""
    claimed: Callable[[], bool]
    notices: Callable[[], tuple[str, ...]]
    """What is weaker here than it could be."""
    kiosks: frozenset[str] = frozenset()
    """Cameras that are browsers."""


class Status:
    """Keeps since when each trouble has lasted."""

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self._since: dict[tuple[str, str], datetime] = {}
        self._overflows: dict[int, tuple[int, float]] = {}

    def site(self, now: Moment) -> wire.Site:
        """Return how everything is at `now`."""
        sources = self._from
        health = sources.eyes.health()
        word, waiting, quarantined, _ = sources.centre()
        return wire.Site(
            name=sources.name,
            timezone=sources.timezone,
            lanes=tuple(self._lane(number, now) for number in sorted(sources.keepers)),
            cameras=tuple(self._camera(one) for one in health.cameras) if health else (),
            faults=self._faults(now),
            backlog=waiting,
            quarantined=quarantined,
            centre=word,
            claimed=sources.claimed(),
            unrecorded=sum(keeper.unrecorded for keeper in sources.keepers.values()),
            time_trust=now.trust,
            notices=sources.notices(),
        )

    def _camera(self, camera: wire.CameraState) -> wire.CameraState:
        """Return a camera as it is; a browser that nobody has opened yet is no fault."""
        if camera.id in self._from.kiosks and camera.width == 0:
            return msgspec.structs.replace(camera, ok=True, state="waiting", complaint="")
        return camera

    def _lane(self, number: int, now: Moment) -> wire.LaneState:
        keeper, shape = self._from.keepers[number], self._from.shapes[number]
        lane, barrier = keeper.lane, keeper.barrier
        return wire.LaneState(
            number=number,
            name=lane.name,
            kind=lane.kind,
            directions=tuple(sorted(lane.directions)),
            drive=lane.drive,
            barrier=barrier.state,
            measured=barrier.measured,
            occupied=barrier.occupied(now.mono),
            relay_ok=not self._from.relay(shape.relay),
            liveness=lane.liveness,
            demo=shape.demo,
            cameras=shape.cameras,
            kiosk=shape.kiosk,
        )

    def _faults(self, now: Moment) -> tuple[wire.FaultLine, ...]:
        found = tuple(self._troubles(now))
        before = self._since
        since = {(part, _sort(text)): now.utc for part, text, _ in found}
        since |= {key: before[key] for key in since.keys() & before.keys()}
        self._since = since
        return tuple(
            wire.FaultLine(part, text, advice, since[part, _sort(text)].isoformat())
            for part, text, advice in found
        )

    def _troubles(self, now: Moment) -> list[Trouble]:
        sources = self._from
        found: list[Trouble] = []
        broker = sources.broker()
        if broker:
            advice = "check that the broker runs and the network cable; open by hand at the gate"
            found.append(("broker", broker, advice))
        for number in sorted(sources.keepers):
            found += self._lane_troubles(number, now, broker_away=bool(broker))
        found += sources.store()
        found += self._vision_troubles()
        word, waiting, quarantined, complaint = sources.centre()
        if word == "away":
            text = f"the centre is away: {complaint or 'no answer'}; {waiting} events wait here"
            found.append(("centre", text, "nothing is lost; they are sent when it is back"))
        if quarantined:
            text = f"{quarantined} events were not accepted by the centre"
            found.append(("centre", text, "see `kuahu events`, and tell whoever runs the centre"))
        if now.trust is not Trust.TRUSTED:
            text = "this machine does not know the time; passes that begin later ask the guard"
            found.append(("clock", text, "set the clock, or connect a time server"))
        return found

    def _lane_troubles(self, number: int, now: Moment, *, broker_away: bool) -> list[Trouble]:
        keeper = self._from.keepers[number]
        found: list[Trouble] = []
        part = f"lane {number}"
        relay = self._from.shapes[number].relay
        why = self._from.relay(relay)
        if why and not broker_away:
            advice = "check its power and network; open by hand meanwhile"
            found.append((f"relay {relay}", f"relay {relay} {why}", advice))
        if keeper.fault:
            advice = "free some space or change the disk; the guard's button still opens"
            found.append((part, f"cannot record, so it opens only by hand: {keeper.fault}", advice))
        if keeper.barrier.state in (State.OBSTRUCTED, State.FAULT, State.HELD_FIRE):
            advice = "look at the lane, then press reset on its tile"
            found.append((part, f"the barrier is {keeper.barrier.state.value}", advice))
        if self._overflowed(number, keeper.inbox.overflowed, now):
            advice = "if this goes on, restart the gate program and tell its maker"
            found.append((part, "more was seen than could be answered", advice))
        return found

    def _overflowed(self, number: int, count: int, now: Moment) -> bool:
        """Return whether a lane has turned anybody away within the last minute."""
        before, until = self._overflows.get(number, (0, 0.0))
        if count > before:
            until = now.mono + SHOWN_FOR
        self._overflows[number] = (count, until)
        return now.mono < until

    def _vision_troubles(self) -> list[Trouble]:
        health = self._from.eyes.health()
        if health is None:
            text = "the program that looks through the cameras is not answering"
            advice = "it is started again by itself; cards, the guard and the barrier still work"
            return [("vision", text, advice)]
        found: list[Trouble] = [
            ("vision", fault, "run `kuahu doctor`; passes and the guard still work")
            for fault in health.faults
        ]
        for camera in map(self._camera, health.cameras):
            if not camera.ok and camera.complaint:
                what, _, advice = camera.complaint.partition("; ")
                found.append((f"camera {camera.id}", what, advice))
        return found


def _sort(text: str) -> str:
    """Return `text` without its numbers: the trouble is the same while they change."""
    return "".join(letter for letter in text if not letter.isdigit())
