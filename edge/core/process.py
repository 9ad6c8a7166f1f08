"""The core process: composes the lanes, the store, the relays, the socket and the way up."""

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from config.lanes import LaneTable
from config.settings import Settings
from edge import wire
from edge.ailment import Ailment
from edge.clock import SystemClock, monotonic
from edge.core.afterwards import Afterwards
from edge.core.announced import rows_to_show
from edge.core.card_desk import CardDesk
from edge.core.centre_line import CentreLine
from edge.core.complaints import Complaints
from edge.core.desk import Desk
from edge.core.downward import Downward, Looks
from edge.core.eyes import Eyes
from edge.core.health import older, store_notices, store_troubles
from edge.core.lighting import Lighting
from edge.core.office import Office
from edge.core.pass_keys import PassKeys
from edge.core.peer import Peer
from edge.core.server import Server
from edge.core.status import LaneShape, Sources, Status
from edge.core.stay_desk import room_lines
from edge.core.told_rules import Grounds
from edge.core.turns import Turns
from edge.core.upward import Upward
from edge.core.zone_desk import ZoneDesk
from edge.facts import Gatherer, SiteRules
from edge.inbox import Seen
from edge.lane import LaneKeeper
from edge.places import Places, keep_secret
from edge.ports import Heard, World
from edge.relay_table import broker_address, reader_specs, relay_specs
from edge.sign import sign_board
from edge.stay_facts import keep_stays
from edge.store.stay_rows import loops_of
from edge.store.store import Store
from gate.barrier import Fitting
from models.card import CardRead
from models.errors import StoreFault
from models.event import EventKind
from models.pin import PinRead
from models.signal import Signal
from mqtt_bridge.bridge import Bridge, LastEvent

STATUS_EVERY = 1.0
ERRANDS = 4
"""Requests of the desk that are worked on at once."""
HOUSEWORK_EVERY = 300.0
"""Seconds between looks at what backup, retention and signing have to do."""
BEAT_WITHIN = 5.0
"""Seconds within which every lane must have turned for the process to be called alive."""

_log = logging.getLogger("kuahu.core")


class Core:
    """Everything that owns the doors of one site."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self._places = Places(root)
        self._zone = ZoneInfo(settings.site.timezone)
        self._clock = SystemClock()
        self._store = Store.open(root, self._clock.now())
        floor = self._store.clock_floor()
        if floor is not None:
            self._clock.raise_floor(floor)
        self._today = self._day()
        self._bridge = Bridge(
            broker_address(settings.broker, self._places),
            relay_specs(settings, self._places),
            self._heard,
            monotonic,
            settings.site.name,
            readers=reader_specs(settings),
        )
        self._eyes = Eyes(lambda: self._store.gallery(self._day()), monotonic)
        keys = PassKeys(self._places.pass_keys, settings.site.compound)
        lanes = {table.number: table.lane() for table in settings.lane}
        line = None if settings.centre is None else CentreLine(settings.centre, self._store)
        self._upward = Upward(line, self._store, self._clock)
        self._downward = self._heard_from(line, settings, keys)
        room = keep_stays(settings, self._store.stays)
        passback = settings.vehicles.passback
        rotation = self._store.exchange.rotation_key
        rules = SiteRules(settings.site.compound, self._zone, lanes, keys, passback, room, rotation)
        self._later = ThreadPoolExecutor(max(1, len(lanes)), thread_name_prefix="lane-writes")
        self._signs = sign_board(settings, self._store.stays, self._bridge, self._later.submit)
        world = World(
            self._clock,
            Gatherer(rules, self._store),
            self._store,
            self._bridge,
            self._show,
            self._announce,
            self._later.submit,
            loops_of(self._store.stays.zones),
            self._signs,
        )
        self._keepers = {
            table.number: LaneKeeper(lanes[table.number], table.relay, _fitting(table), world)
            for table in settings.lane
        }
        self._cards = CardDesk(self._store.garage.card_hash, self._store.pins.hash, self._keepers)
        self._by_relay = {table.relay: self._keepers[table.number] for table in settings.lane}
        office = Office(
            self._clock,
            self._store,
            self._keepers,
            self._eyes,
            self._places,
            keys,
            self._announce,
            self._push_site,
            settings.site.compound,
        )
        self._lighting = Lighting(settings, self._places, self._clock, self._store.zones)
        self._desk = Desk(office, ZoneDesk(office, self._lighting.keeper))
        self._errands = ThreadPoolExecutor(ERRANDS, thread_name_prefix="desk")
        self._server = Server(
            self._places.core_socket, self._hear, self._eyes.arrived, self._eyes.left
        )
        self._processes: tuple[float, tuple[wire.ProcessState, ...]] = (0.0, ())
        self._afterwards = Afterwards(settings, self._store, self._clock, self._announce)
        self._status = Status(self._sources(settings))
        self._complaints = Complaints()

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Keep the doors until `stop`."""
        ending = threading.Event()
        failed = threading.Event()

        def keep(keeper: LaneKeeper) -> None:
            try:
                keeper.run(ending)
            except Exception:  # noqa: BLE001 - the top of a thread: the process ends and is started again
                _log.exception("lane %d ends the process, to be started again", keeper.lane.number)
                failed.set()

        threads = [
            threading.Thread(target=keep, args=(keeper,), name=f"lane-{number}")
            for number, keeper in self._keepers.items()
        ]
        threads.append(threading.Thread(target=self._keep_house, args=(ending,), name="housework"))
        threads += self._lighting.threads(ending, failed.set)
        self._claim()
        self._bridge.start()
        self._lighting.start()
        self._server.start()
        self._upward.start()
        self._downward.start()
        self._afterwards.start()
        for thread in threads:
            thread.start()
        loops = (lambda: self._bridge.turns, lambda: self._store.turns, self._lighting.turns)
        turns = Turns(self._keepers, loops)
        while not stop.wait(STATUS_EVERY) and not failed.is_set():
            self._each_second()
            if turns.all_moved():
                beat()
        ending.set()
        self._upward.stop()
        self._downward.stop()
        self._afterwards.stop()
        self._server.stop()
        self._errands.shutdown(wait=False, cancel_futures=True)
        for thread in threads:
            thread.join()
        self._bridge.stop()
        self._lighting.stop()
        self._store.close()
        self._later.shutdown(cancel_futures=True)
        if failed.is_set():
            raise SystemExit(1)

    def _heard_from(self, line: CentreLine | None, settings: Settings, keys: PassKeys) -> Downward:
        grounds = Grounds(
            self._store,
            self._clock,
            settings.site.compound,
            frozenset(table.number for table in settings.lane),
            keys,
            self._eyes.refresh,
            self._announce,
        )
        return Downward(line, settings, grounds, Looks(self._eyes.encode, self._eyes.looks))

    # --- what the lanes say ------------------------------------------------------------------

    def _show(self, lane: int, signal: Signal | None, word: str, seq: int) -> None:
        self._lighting.shown(lane, signal)
        self._server.push(wire.Shown(lane, signal or "idle", word, seq))

    def _announce(self, seq: int) -> None:
        for event in rows_to_show(self._store, seq):
            self._server.push(wire.Row(event))
            self._afterwards.recorded(event)
            if event.lane is not None and event.kind is EventKind.DECISION:
                at = event.at.isoformat()
                self._bridge.last_event(LastEvent(event.lane, event.answer, event.reason, at))
                self._lighting.decided(event)

    def _heard(self, heard: Heard) -> None:
        if isinstance(heard, CardRead | PinRead):
            self._cards.heard(heard)
            return
        self._lighting.heard(heard)
        keeper = self._by_relay.get(heard.relay)
        if keeper is not None:
            keeper.inbox.put(heard)

    # --- what the other processes say --------------------------------------------------------

    def _hear(self, peer: Peer, message: wire.AnyMessage) -> None:
        match message:
            case wire.SawFace() | wire.SawCode() | wire.SawPlate():
                keeper = self._keepers.get(message.seen.at.lane)
                if keeper is not None:
                    keeper.inbox.put(Seen(message.seen, message.crop or None))
            case wire.AskedToMove(prompt):
                keeper = self._keepers.get(prompt.at.lane)
                if keeper is not None:
                    keeper.inbox.put(prompt)
            case wire.VisionHealth() | wire.Encoded() | wire.Failed():
                self._eyes.heard(message)
                self._lighting.looked(message)
            case wire.Watch():
                self._server.watch(peer)
                peer.tell(wire.Done(message.ref))
                peer.tell(self._status.site(self._clock.now()))
            case wire.Processes():
                self._processes = (monotonic(), message.processes)
            case wire.Press() | wire.Stand() | wire.ResetHold():
                self._desk.hear(peer, message)
            case _:
                # What may wait for the disk or the eyes must not hold up a guard's button.
                self._errands.submit(self._desk.hear, peer, message)

    # --- once a second -----------------------------------------------------------------------

    def _each_second(self) -> None:
        day = self._day()
        if day != self._today or self._eyes.stale:
            self._today = day
            self._eyes.refresh()
        now = self._clock.now()
        self._later.submit(self._signs.idle)
        site = self._status.site(now)
        self._complaints.look(site, now.mono)
        self._server.push(site)

    def _keep_house(self, ending: threading.Event) -> None:
        """Back up, end what is over and sign, on a thread that no door waits for."""
        while not ending.is_set():
            try:
                self._store.keep_house(self._clock.now(), today=self._day())
            except Exception as fault:  # noqa: BLE001 - the top of a thread: it tries again
                _log.error("backup, retention and signing wait for the disk: %s", fault)
            ending.wait(HOUSEWORK_EVERY)

    def _push_site(self) -> None:
        self._server.push(self._status.site(self._clock.now()))

    def _day(self) -> date:
        return self._clock.now().utc.astimezone(self._zone).date()

    def _claim(self) -> None:
        if self._store.users():
            self._places.claim.unlink(missing_ok=True)
        elif not self._places.claim.exists():
            keep_secret(self._places.claim, secrets.token_hex(4))

    def _notices(self, settings: Settings) -> tuple[str, ...]:
        own = (Ailment.OWN_ISSUER,) if self._places.issuer.exists() else ()
        weak = any(one.profile != "kuahu/1" for one in settings.relay) or bool(settings.reader)
        return (*store_notices(self._store), *own, *((Ailment.WEAK_RELAY,) if weak else ()))

    def _as_told(self, now: float) -> tuple[wire.ProcessState, ...]:
        """Return how the processes are: what the supervisor last said, with the time since then."""
        told_at, states = self._processes
        return tuple(older(state, now - told_at) for state in states)

    def _newest_gallery(self) -> int:
        try:
            return self._store.gallery_version
        except StoreFault:
            # The disk is the trouble then, and is told of.
            return 0

    def _sources(self, settings: Settings) -> Sources:
        kiosks = {camera.id for camera in settings.camera if camera.source == "kiosk"}
        shapes = {
            table.number: LaneShape(
                table.relay,
                tuple(dict.fromkeys(view.camera for view in table.view)),
                any(view.camera in kiosks for view in table.view),
                table.demo,
            )
            for table in settings.lane
        }
        address = broker_address(settings.broker, self._places)
        return Sources(
            name=settings.site.name,
            timezone=settings.site.timezone,
            keepers=self._keepers,
            shapes=shapes,
            eyes=self._eyes,
            broker=lambda: (
                "" if self._bridge.connected else f"the broker at {address} does not answer"
            ),
            relay=self._bridge.trouble,
            store=lambda: store_troubles(self._store),
            centre=self._upward.state,
            told=self._downward.state,
            company=self._afterwards.company,
            kiosks=frozenset(kiosks),
            notices=lambda: self._notices(settings),
            claimed=lambda: not self._places.claim.exists(),
            starts=self._bridge.starts,
            gallery=self._newest_gallery,
            disk=lambda: self._store.disk,
            crops_lost=lambda: self._store.lost_crops,
            processes=self._as_told,
            rooms=lambda: room_lines(self._store.stays),
            zones=lambda: self._lighting.keeper.view,
            panels=self._lighting.troubles,
        )


def _fitting(table: LaneTable) -> Fitting:
    return Fitting(table.drive, table.presence, table.open_for, table.vehicle)


def run(settings: Settings, root: Path, stop: threading.Event, beat: Callable[[], None]) -> None:
    """Run core until `stop`.

    Raises ConfigError or StoreFault when it cannot begin.
    """
    Core(settings, root).run(stop, beat)
