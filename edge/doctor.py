"""The doctor: every part of a site looked at once, in words with what to do."""

import queue
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from config.load import secret
from config.settings import Camera, Settings
from edge import wire
from edge.ailment import NOTICES, Ailment, Trouble
from edge.cameras.examine import Examined, examine, findings
from edge.channel import ChannelFault, Client, connect
from edge.clock import SystemClock, monotonic
from edge.core.health import (
    broker_trouble,
    centre_troubles,
    clock_troubles,
    disk_troubles,
    relay_trouble,
    restored,
)
from edge.core.way import WayUp
from edge.places import Places
from edge.ports import Heard
from edge.relay_table import broker_address, relay_specs
from edge.store.disk import DiskState, Mark
from edge.store.dormant import look
from edge.vision_engines import Engines, load_engines, plate_wish
from models.card import CardRead
from models.errors import KuahuError
from models.lane import Liveness
from models.pin import PinRead
from mqtt_bridge.bridge import Bridge

ANSWER_WITHIN = 5.0
HEAR_FOR = 4.0
"""Seconds in which a relay that speaks once a second must have been heard."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it is well, what was seen, and what to do."""

    part: str
    ok: bool
    text: str
    advice: str = ""
    ailment: str = ""
    """The word of edge/ailment.py, where it has one."""


def examine_site(settings: Settings, places: Places) -> Iterator[Finding]:
    """Return what was found of each part, as it is found."""
    site = running(places)
    if site is None:
        advice = "start it with `kuahu run`, or look at the machine's journal if it should run"
        text = "the gate program is not running"
        yield Finding("core", ok=False, text=text, advice=advice, ailment=Ailment.CORE_AWAY)
        yield from _relays(settings, places)
        yield from _at_rest(settings, places)
    else:
        # It holds the relays and may hold the cameras, so it is asked rather than disturbed.
        yield from as_core_sees(site)
    liveness = any(lane.liveness is not Liveness.OFF for lane in settings.lane)
    engines = load_engines(settings.recognition, liveness=liveness, plates=plate_wish(settings))
    busy = {camera.id for camera in site.cameras if camera.ok} if site is not None else set()
    for camera in settings.camera:
        if camera.id not in busy:
            yield from _camera(camera, engines)
    for fault in engines.faults:
        advice = "run set-up again: make setup"
        yield Finding("recognition", False, fault, advice, Ailment.ENGINE_OFF)  # noqa: FBT003 - `ok`
    if not engines.faults:
        yield Finding("recognition", ok=True, text=f"{engines.name}, proved by an inference")
    yield from _disk(look(places.root).disk)
    yield from _clock()
    yield _secrets(settings)


def running(places: Places) -> wire.Site | None:
    """Return what a running core says of the site, or None where none runs."""
    told: queue.SimpleQueue[wire.AnyMessage] = queue.SimpleQueue()
    try:
        client = Client(connect(places.core_socket, "cli"), told.put)
        try:
            client.ask(wire.Watch(client.ref()), wire.Done)
            while True:
                message = told.get(timeout=ANSWER_WITHIN)
                if isinstance(message, wire.Site):
                    return message
        finally:
            client.close()
    except (ChannelFault, queue.Empty):
        return None


def as_core_sees(site: wire.Site) -> Iterator[Finding]:
    """Yield what a running core says of its site."""
    yield Finding("core", ok=True, text="the gate program is running")
    for lane in site.lanes:
        text = f"{lane.name}: barrier {lane.barrier}"
        if lane.relay_ok:
            yield Finding(f"lane {lane.number}", ok=True, text=f"{text}, its relay speaks")
    for camera in site.cameras:
        if camera.ok:
            size = f"{camera.codec} {camera.width} x {camera.height}, {camera.fps:.1f} a second"
            yield Finding(f"camera {camera.id}", ok=True, text=f"{camera.state}, {size}")
    for process in site.figures.processes:
        if process.beating:
            text = (
                f"turned {max(process.beat_age, 0):.1f} s ago, restarted {process.restarts} times"
            )
            yield Finding(f"process {process.name}", ok=True, text=text)
    for fault in site.faults:
        text = f"{fault.text}, since {fault.since}"
        yield Finding(fault.part, False, text, fault.advice, fault.ailment)  # noqa: FBT003 - `ok`
    yield from _notices(site.notices)
    if site.centre != "none":
        told = site.figures
        waits = f"{site.backlog} events and {told.letters} letters wait"
        text = f"{waits}, {told.told_waiting} of its items; its last answer: {told.answer}"
        yield Finding("centre", ok=True, text=text)


_NOTICE: Mapping[str, str] = {
    Ailment.DISK_FILLING: "the disk is more than seventy percent full",
    Ailment.OWN_ISSUER: "passes are signed on this very machine",
    Ailment.WEAK_RELAY: "a shop-bought relay or card reader refuses nothing late or doubled",
}


def _notices(words: Iterable[str]) -> Iterator[Finding]:
    for word in words:
        if word in NOTICES:
            yield Finding("site", ok=True, text=f"note: {_NOTICE[word]}", ailment=word)


def _found(trouble: Trouble) -> Finding:
    return Finding(trouble.part, False, trouble.text, trouble.advice, trouble.ailment)  # noqa: FBT003 - `ok`


def _relays(settings: Settings, places: Places) -> Iterator[Finding]:
    try:
        address = broker_address(settings.broker, places)
        specs = relay_specs(settings, places)
    except (KuahuError, OSError) as error:
        yield Finding("broker", ok=False, text=str(error), advice="mend the site file or the key")
        return
    heard: set[str] = set()
    all_heard = threading.Event()

    def hear(word: Heard) -> None:
        if not isinstance(word, CardRead | PinRead):
            heard.add(word.relay)
        if len(heard) == len(specs):
            all_heard.set()

    bridge = Bridge(address, specs, hear, monotonic)
    bridge.start()
    try:
        all_heard.wait(HEAR_FOR)
        connected = bridge.connected
        why = {spec.name: bridge.trouble(spec.name) for spec in specs}
    finally:
        bridge.stop()
    if connected:
        yield Finding("broker", ok=True, text=f"{address} lets us in")
    yield from map(_found, broker_trouble("" if connected else f"{address} does not let us in"))
    for spec in specs:
        if why[spec.name]:
            yield _found(relay_trouble(spec.name, why[spec.name]))
        else:
            yield Finding(f"relay {spec.name}", ok=True, text=f"relay {spec.name} speaks")


def _at_rest(settings: Settings, places: Places) -> Iterator[Finding]:
    """Yield what core would say of itself, read from what it has left behind."""
    store = look(places.root)
    if store.damage:
        advice = "start Kuahu: it puts the newest good backup in its place"
        text = f"the register is damaged: {store.damage}"
        yield Finding("store", False, text, advice, Ailment.STORE_FAILING)  # noqa: FBT003 - `ok`
    elif store.there:
        yield Finding("store", ok=True, text="the register is sound")
    if store.restored:
        yield _found(restored(store.restored))
    if store.backlog is not None:
        waiting = store.backlog
        way = WayUp("ok", waiting.waiting, waiting.quarantined, forked=waiting.forked)
        yield Finding("centre", ok=True, text=f"{waiting.waiting} events wait")
        yield from map(_found, centre_troubles(way))
    weak = any(relay.profile != "kuahu/1" for relay in settings.relay) or bool(settings.reader)
    yield from _notices(
        word
        for word, holds in (
            (Ailment.OWN_ISSUER, places.issuer.exists()),
            (Ailment.WEAK_RELAY, weak),
        )
        if holds
    )


def _camera(camera: Camera, engines: Engines) -> Iterator[Finding]:
    seen = examine(camera, engines.faces, engines.codes, monotonic)
    for line in findings(seen):
        ailment = _ailment(seen, line.text) if line.good is False else ""
        yield Finding(
            f"camera {camera.id}", line.good is not False, line.text, line.advice, ailment
        )


def _ailment(seen: Examined, text: str) -> str:
    """Return the word for one bad line about a camera; empty where it is about where it hangs."""
    if text == seen.fault or not seen.width:
        return Ailment.CAMERA_AWAY
    words = {
        "black picture": Ailment.CAMERA_BLACK,
        "frozen picture": Ailment.CAMERA_FROZEN,
        f"size {seen.width} x {seen.height}": Ailment.CAMERA_SIZE,
        f"{seen.fps:.1f} frames a second": Ailment.CAMERA_SLOW,
    }
    return words.get(text, "")


def _disk(state: DiskState) -> Iterator[Finding]:
    used = 100 - state.free * 100 // state.total
    if state.mark < Mark.WARNING:
        yield Finding("disk", ok=True, text=f"{used} % used, {state.free // 2**20} MiB free")
    if state.mark is Mark.NOTICE:
        yield from _notices((Ailment.DISK_FILLING,))
    yield from map(_found, disk_troubles(state))


def _clock() -> Iterator[Finding]:
    now = SystemClock().now()
    troubles = tuple(clock_troubles(now.trust))
    if not troubles:
        text = f"{now.utc.isoformat(timespec='seconds')} ({now.trust})"
        yield Finding("clock", ok=True, text=text)
    yield from map(_found, troubles)


def _secrets(settings: Settings) -> Finding:
    try:
        for camera in settings.camera:
            secret(camera.password, camera.password_file)
        secret(settings.broker.password, settings.broker.password_file)
    except KuahuError as error:
        return Finding("secrets", ok=False, text=str(error), advice="mend the path or its rights")
    return Finding("secrets", ok=True, text="every password file can be read")
