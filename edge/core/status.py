"""Status: how everything is, in words with what to do, for page, metrics, log and doctor."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from edge import wire
from edge.ailment import Ailment, Trouble
from edge.core.eyes import Eyes
from edge.core.health import (
    broker_trouble,
    camera_troubles,
    centre_troubles,
    clock_troubles,
    company_troubles,
    lane_troubles,
    process_troubles,
    refused,
    relay_trouble,
    unanswered,
    vision_troubles,
)
from edge.core.lately import Lately
from edge.core.way import WayDown, WayUp
from edge.lane import LaneKeeper
from edge.neighbours import Company
from edge.store.disk import DiskState
from edge.zones import View
from gate.sensors import ailing
from models.moment import Moment
from models.standing import Order

PATIENCE: Mapping[Ailment, float] = {
    Ailment.BARRIER_UNKNOWN: 3.0,
    Ailment.SENSOR_STALE: 1.0,
    Ailment.SENSOR_CONTRADICTORY: 2.0,
    Ailment.GALLERY_OLD: 5.0,
    Ailment.CAMERA_SLOW: 5.0,
    Ailment.ZONE_FAIL_LIT: 8.0,
    Ailment.USES_BROKER_AWAY: 3.0,
}
"""Seconds that an ailment must last before it is named, where a passing moment is no trouble."""


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
    centre: Callable[[], WayUp]
    claimed: Callable[[], bool]
    notices: Callable[[], tuple[str, ...]]
    """What is weaker here than it could be."""
    told: Callable[[], WayDown] = WayDown
    """How the way from the centre is doing."""
    company: Callable[[], Company] = Company
    """How much is heard of the compound's other gate machines."""
    starts: Callable[[str], int] = lambda _relay: 0
    """How often a relay was heard to have started anew."""
    gallery: Callable[[], int] = lambda: 0
    """The newest version of the gallery."""
    disk: Callable[[], DiskState | None] = lambda: None
    crops_lost: Callable[[], int] = lambda: 0
    processes: Callable[[float], tuple[wire.ProcessState, ...]] = lambda _now: ()
    """How the processes are at a moment of CLOCK_MONOTONIC."""
    zones: Callable[[], View] = View
    """How zones and loads stand."""
    rooms: Callable[[], tuple[wire.RoomLine, ...]] = tuple
    """How full each stay zone is."""
    panels: Callable[[], Mapping[str, str]] = dict
    """Why each relay with lamps or sockets cannot be told anything; "" where it can."""
    kiosks: frozenset[str] = frozenset()
    """Cameras that are browsers."""


class Status:
    """Keeps since when each trouble has lasted; any thread may ask."""

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self._since: dict[tuple[Ailment, str], tuple[datetime, float]] = {}
        self._lately = Lately()
        self._lock = threading.Lock()

    def site(self, now: Moment) -> wire.Site:
        """Return how everything is at `now`."""
        with self._lock:
            return self._site(now)

    def _site(self, now: Moment) -> wire.Site:
        sources = self._from
        health = sources.eyes.health()
        if health is not None:
            cameras = tuple(self._camera(one) for one in health.cameras)
            health = msgspec.structs.replace(health, cameras=cameras)
        way, view = sources.centre(), sources.zones()
        return wire.Site(
            name=sources.name,
            timezone=sources.timezone,
            lanes=tuple(self._lane(number, now) for number in sorted(sources.keepers)),
            cameras=health.cameras if health else (),
            faults=self._faults(health, way, now),
            backlog=way.waiting,
            quarantined=way.quarantined,
            centre=way.word,
            claimed=sources.claimed(),
            unrecorded=sum(keeper.unrecorded for keeper in sources.keepers.values()),
            time_trust=now.trust,
            notices=sources.notices(),
            figures=self._figures(health, way, now),
            zones=view.zones,
            rooms=sources.rooms(),
            loads=view.loads,
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
            standing=_standing(keeper.order),
        )

    def _figures(self, health: wire.VisionHealth | None, way: WayUp, now: Moment) -> wire.Figures:
        sources = self._from
        disk, down = sources.disk(), sources.told()
        return wire.Figures(
            processes=sources.processes(now.mono),
            relays=tuple(
                wire.RelayFigures(
                    shape.relay,
                    number,
                    bool(sources.relay(shape.relay)),
                    sources.starts(shape.relay),
                )
                for number, shape in sorted(sources.shapes.items())
            ),
            lanes=tuple(_lane_figures(keeper, now.mono) for keeper in self._keepers()),
            broker=not sources.broker(),
            gallery=sources.gallery(),
            gallery_seen=health.gallery if health else -1,
            engine=health.engine if health else "",
            disk_total=disk.total if disk else 0,
            disk_free=disk.free if disk else 0,
            ballast=disk is None or disk.ballast,
            crops_lost=sources.crops_lost(),
            forked=way.forked,
            answer=way.answer,
            letters=way.letters,
            letters_aside=way.letters_aside,
            told_refused=down.refused,
            told_waiting=down.waiting,
            centre_tells=down.word == "ok",
            centre_behind=down.behind,
        )

    def _keepers(self) -> tuple[LaneKeeper, ...]:
        return tuple(keeper for _, keeper in sorted(self._from.keepers.items()))

    def _faults(
        self, health: wire.VisionHealth | None, way: WayUp, now: Moment
    ) -> tuple[wire.FaultLine, ...]:
        found = tuple(self._troubles(health, way, now))
        before = self._since
        keys = [(one.ailment, f"{one.part} {_sort(one.text)}") for one in found]
        self._since = since = {key: before.get(key, (now.utc, now.mono)) for key in keys}
        return tuple(
            wire.FaultLine(one.part, one.text, one.advice, since[key][0].isoformat(), one.ailment)
            for one, key in zip(found, keys, strict=True)
            if now.mono - since[key][1] >= PATIENCE.get(one.ailment, 0.0)
        )

    def _troubles(
        self, health: wire.VisionHealth | None, way: WayUp, now: Moment
    ) -> Iterator[Trouble]:
        sources = self._from
        broker = broker_trouble(sources.broker())
        yield from broker
        for keeper in self._keepers():
            relay = sources.shapes[keeper.lane.number].relay
            why = sources.relay(relay)
            if why and not broker:
                yield relay_trouble(relay, why)
            yield from lane_troubles(keeper, now, relay, speaks=not why)
            yield from self._lately_at(keeper, relay, now.mono)
        for panel, why in sources.panels().items():
            if why and not broker:
                yield relay_trouble(panel, why)
        yield from sources.zones().troubles
        yield from sources.store()
        yield from vision_troubles(health, sources.kiosks)
        if health is not None:
            yield from self._eyes_lately(health, now.mono)
        yield from centre_troubles(way, sources.told())
        yield from company_troubles(sources.company())
        yield from clock_troubles(now.trust)
        yield from process_troubles(sources.processes(now.mono))

    def _lately_at(self, keeper: LaneKeeper, relay: str, now: float) -> Iterator[Trouble]:
        """Yield what has happened at a lane and its relay within the last minute."""
        number, changed = keeper.lane.number, self._lately.changed
        part = f"lane {number}"
        if changed(("overflow", number), keeper.inbox.overflowed, now, 0):
            text = "more was seen than could be answered"
            advice = "if this goes on, restart the gate program and tell its maker"
            yield Trouble(Ailment.LANE_OVERFLOWED, part, text, advice)
        if changed(("refused", number), refused(keeper), now, 0):
            why = ", ".join(why for (why,), _ in keeper.refusals)
            text = f"relay {relay} refused a command ({why})"
            advice = "if this goes on, compare its key and its clock, and start it again"
            yield Trouble(Ailment.COMMAND_REFUSED, part, text, advice)
        if changed(("unanswered", number), unanswered(keeper), now, 0):
            text = f"relay {relay} did not answer a command"
            advice = "look at the gate before pressing again"
            yield Trouble(Ailment.COMMAND_UNANSWERED, part, text, advice)
        if changed(("starts", relay), self._from.starts(relay), now, 0):
            text = f"relay {relay} has started anew"
            advice = "if this goes on, check its power supply"
            yield Trouble(Ailment.RELAY_RESTARTED, f"relay {relay}", text, advice)

    def _eyes_lately(self, health: wire.VisionHealth, now: float) -> Iterator[Trouble]:
        wanted = self._from.gallery()
        if health.engine and health.gallery < wanted:
            text = f"faces are compared with gallery {health.gallery}, not with {wanted}"
            advice = "if this stays, restart the gate program; whoever withdrew is refused anyway"
            yield Trouble(Ailment.GALLERY_OLD, "vision", text, advice)
        for camera in health.cameras:
            size = (camera.width, camera.height)
            if camera.id in self._from.kiosks or not all(size):
                continue
            news = self._lately.changed(("size", camera.id), size, now, size)
            if news and not any(camera_troubles(camera)):
                text = f"its picture has changed to {camera.width} x {camera.height}"
                advice = "see whether faces and codes are still large enough: `kuahu doctor`"
                yield Trouble(Ailment.CAMERA_SIZE, f"camera {camera.id}", text, advice)


def _standing(order: Order | None) -> wire.StandingLine | None:
    if order is None:
        return None
    return wire.StandingLine(order.what, order.guard, order.why, order.since.isoformat())


def _lane_figures(keeper: LaneKeeper, now: float) -> wire.LaneFigures:
    return wire.LaneFigures(
        number=keeper.lane.number,
        decisions=keeper.decisions,
        outcomes=keeper.outcomes,
        refusals=keeper.refusals,
        coalesced=keeper.inbox.coalesced,
        overflowed=keeper.inbox.overflowed,
        late=keeper.late,
        tailgated=keeper.tailgated,
        waited=keeper.waited(now),
        sensors=tuple((str(each), str(what)) for each, what in ailing(keeper.barrier, now)),
    )


def _sort(text: str) -> str:
    """Return `text` without its numbers: the trouble is the same while they change."""
    return "".join(letter for letter in text if not letter.isdigit())
