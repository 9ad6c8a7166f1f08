"""The doctor: every part of a site looked at once, in words with what to do."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from config.load import secret
from config.settings import Settings
from edge import wire
from edge.cameras.examine import examine, findings
from edge.channel import ChannelFault, Client, connect
from edge.clock import SystemClock, monotonic
from edge.places import Places
from edge.relay_table import broker_address, relay_specs
from edge.store.disk import Mark, disk_state
from edge.vision_engines import load_engines
from models.command import Report
from models.errors import KuahuError
from models.moment import Trust
from models.sensor import Reading
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


def examine_site(settings: Settings, places: Places) -> Iterator[Finding]:
    """Return what was found of each part, as it is found."""
    site = _running(places)
    if site is None:
        advice = "start it with `kuahu run`, or look at the machine's journal if it should run"
        yield Finding("core", ok=False, text="the gate program is not running", advice=advice)
        yield from _relays(settings, places)
    else:
        # It holds the relays and may hold the cameras, so it is asked rather than disturbed.
        yield from _as_core_sees(site)
    engines = load_engines(settings.recognition)
    busy = {camera.id for camera in site.cameras if camera.ok} if site is not None else set()
    for camera in settings.camera:
        if camera.id in busy:
            continue
        for line in findings(examine(camera, engines.faces, engines.codes, monotonic)):
            yield Finding(f"camera {camera.id}", line.good is not False, line.text, line.advice)
    for fault in engines.faults:
        yield Finding("recognition", ok=False, text=fault, advice="run set-up again: make setup")
    if not engines.faults:
        yield Finding("recognition", ok=True, text=f"{engines.name}, proved by an inference")
    yield _disk(places)
    yield _clock()
    yield _secrets(settings)


def _running(places: Places) -> wire.Site | None:
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


def _as_core_sees(site: wire.Site) -> Iterator[Finding]:
    yield Finding("core", ok=True, text="the gate program is running")
    for lane in site.lanes:
        text = f"{lane.name}: barrier {lane.barrier}"
        if lane.relay_ok:
            yield Finding(f"lane {lane.number}", ok=True, text=f"{text}, its relay speaks")
    for camera in site.cameras:
        if camera.ok:
            size = f"{camera.codec} {camera.width} x {camera.height}, {camera.fps:.1f} a second"
            yield Finding(f"camera {camera.id}", ok=True, text=f"{camera.state}, {size}")
    for fault in site.faults:
        yield Finding(
            fault.part, ok=False, text=f"{fault.text}, since {fault.since}", advice=fault.advice
        )


def _relays(settings: Settings, places: Places) -> Iterator[Finding]:
    try:
        address = broker_address(settings.broker, places)
        specs = relay_specs(settings, places)
    except (KuahuError, OSError) as error:
        yield Finding("broker", ok=False, text=str(error), advice="mend the site file or the key")
        return
    heard: set[str] = set()
    all_heard = threading.Event()

    def hear(word: Report | Reading) -> None:
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
    advice = "" if connected else "start the broker; check host, port and password in [broker]"
    text = f"{address} lets us in" if connected else f"{address} does not let us in"
    yield Finding("broker", connected, text, advice)
    for spec in specs:
        trouble = why[spec.name]
        advice = "check its power, its network, its key and its broker login" if trouble else ""
        text = f"relay {spec.name} {trouble or 'speaks'}"
        yield Finding(f"lane {spec.lane}", not trouble, text, advice)


def _disk(places: Places) -> Finding:
    folder = places.root if places.root.exists() else places.root.parent
    state = disk_state(folder / "ballast")
    used = 100 - state.free * 100 // state.total
    ok = state.mark < Mark.WARNING
    advice = "" if ok else "remove what does not belong to this box, or fit a larger disk"
    return Finding("disk", ok, f"{used} % used, {state.free // 2**20} MiB free", advice)


def _clock() -> Finding:
    now = SystemClock().now()
    ok = now.trust is Trust.TRUSTED
    advice = "" if ok else "set the clock (timedatectl), or connect a time server"
    return Finding("clock", ok, f"{now.utc.isoformat(timespec='seconds')} ({now.trust})", advice)


def _secrets(settings: Settings) -> Finding:
    try:
        for camera in settings.camera:
            secret(camera.password, camera.password_file)
        secret(settings.broker.password, settings.broker.password_file)
    except KuahuError as error:
        return Finding("secrets", ok=False, text=str(error), advice="mend the path or its rights")
    return Finding("secrets", ok=True, text="every password file can be read")
