"""The world: everything of a demo compound, built, started in order and stopped in reverse."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from config.load import load
from config.settings import Settings
from config.weights import weight_files
from edge.clock import SystemClock, monotonic
from edge.commands.run import begin
from edge.demo import compound, equipment
from edge.demo.around_cars import Around
from edge.demo.backdrop import Backdrop
from edge.demo.backstage import Backstage, Links, Props, plug
from edge.demo.car_pictures import Cars, cast_cars
from edge.demo.director import Director, Result, Set
from edge.demo.far_end import make_known
from edge.demo.gates import SimulatedGates
from edge.demo.household import Household, photo_of
from edge.demo.lamps import SimulatedLamps
from edge.demo.lan import Front, front
from edge.demo.phone import Phone
from edge.demo.portrait import Who, cut_portrait, picture_of
from edge.demo.reel import Reel
from edge.demo.scenes import Painter, Scene
from edge.demo.show import Show
from edge.demo.stage import Stage
from edge.demo.viewer import Viewer
from edge.demo.witness import Witness, wait_for_core
from edge.places import Places
from edge.qr_image import png
from edge.web.seal import Seal, open_secret
from models.errors import InputError, KuahuError
from mqtt_bridge.access import SITE, relay_login
from mqtt_bridge.broker import BrokerAddress
from recognition.yunet_sface import YuNet
from recognition.zxing_codes import ZxingCodes

_UP_WITHIN = 45.0

_MQTT = 1883
_SITE_ZONE = ZoneInfo("Asia/Shanghai")
_PANEL_FILES = ("sock", "jsonl")
"""The panel's control socket and its ledger."""

_log = logging.getLogger("kuahu.demo")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What may be put in place of the demo's own things; `port` is the guard page's wish.

    `broker` is `mqtt://user:password@host:port`, `usb` the number of a camera of this machine,
    `data` a folder of labelled pictures that cars may come out of.
    """

    root: Path
    pictures: Mapping[Who, Path]
    broker: str | None = None
    usb: int | None = None
    port: int = 0
    patience: float = 20.0
    data: Path | None = None
    lan: bool = False
    """Whether real phones in this network find the centre."""


@dataclass(frozen=True, slots=True)
class World:
    """A demo compound that is running."""

    links: Links
    stage: str
    places: Places
    director: Director
    show: Show
    passes: compound.PassDesk
    backstage: Backstage
    witness: Witness
    gates: SimulatedGates
    viewer: Viewer
    household: Household


@dataclass(frozen=True, slots=True)
class _Built:
    """A world that has not been started: `pieces` in the order in which they begin."""

    world: World
    settings: Settings
    compound: str
    stage: Stage
    here: Front
    centre: equipment.Piece
    own: equipment.Piece | None
    pieces: tuple[equipment.Piece, ...]
    plate: str


@contextmanager
def running(inputs: Inputs, stop: threading.Event) -> Iterator[World]:
    """Run a demo compound for as long as the context lasts.

    Raises KuahuError or TimeoutError, saying what did not start.
    """
    built = _build(inputs, stop)
    world = built.world
    with ExitStack() as stack:
        stack.callback(world.witness.close)
        stack.callback(world.household.close)
        built.stage.start()
        stack.callback(built.stage.stop)
        for piece in built.pieces:
            stack.callback(piece.pull)
            piece.begin()
            if piece is built.own:
                piece.wait_ready(stop)
        _introduce(built, inputs.root, stop)
        world.viewer.drop_pictures()
        stack.callback(world.viewer.drop_pictures)
        supervisor = begin(built.settings, world.places)
        stack.callback(supervisor.stop)
        for piece in built.pieces:
            piece.wait_ready(stop)
        wait_for_core(world.witness, _UP_WITHIN, stop)
        # First the viewer of a demo that was killed, and at the end that of this one.
        world.viewer.erase()
        stack.callback(_let_go, world.viewer)
        compound.register_resident(world.witness)
        compound.register_car(world.witness, built.plate)
        world.household.move_in(stop)
        _open_eyes(world.witness, built.settings, stop)
        yield world


def _build(inputs: Inputs, stop: threading.Event) -> _Built:
    root = inputs.root
    known = compound.make_up(root)
    places = Places(root)
    witness = Witness(places.core_socket, monotonic)
    gates = SimulatedGates(compound.gate_files(root))
    cars = cast_cars(inputs.data)
    reels = _reels(inputs, cars)
    addresses = _broker_addresses(inputs.broker, known)
    own = _own_broker(inputs, addresses, known)
    here = front(equipment.free_port(), root / "demo", SystemClock().now().utc, lan=inputs.lan)
    centre = equipment.centre(here, root / "demo" / "centre.db")
    web_port = equipment.free_port(inputs.port)
    links = _links(web_port, here.url, root)
    household = _household(here, witness, inputs)
    passes = compound.PassDesk(known, root, household, lambda: SystemClock().now().utc)
    lamps = SimulatedLamps(*(root / "demo" / f"{compound.PANEL}.{kind}" for kind in _PANEL_FILES))
    stage_set = Set(
        journal=witness,
        gates=gates,
        show=_shown_by(reels),
        clock=monotonic,
        around=Around(lamps, witness.arm, gates.opened_at),
        household=household,
        centre=partial(plug, centre),
        plates=(cars.resident, cars.stranger),
    )
    director = Director(stage_set, stop, inputs.patience)
    show = Show(director, passes.codes, stop, _say)
    viewer = Viewer(root, compound.HOME, witness, lambda: SystemClock().now().utc)
    props = Props(gates, reels, own, centre, viewer, lamps)
    backstage = Backstage(
        props, show, links, lambda: png(household.visitor()), lambda: witness.saved(_today())
    )
    stage = Stage(reels, backstage)
    plan = compound.Plan(
        root,
        addresses[SITE],
        web_port,
        here,
        {name: stage.stream(name) for name in reels},
        inputs.usb,
    )
    settings = load(compound.lay_out(plan, known))
    pieces = (*([own] if own else []), centre, *_relays(known, addresses, settings))
    world = World(
        links,
        stage.url,
        places,
        director,
        show,
        passes,
        backstage,
        witness,
        gates,
        viewer,
        household,
    )
    return _Built(world, settings, known.compound, stage, here, centre, own, pieces, cars.resident)


def pictures(resident: Path | None, stranger: Path | None) -> dict[Who, Path]:
    """Return the file of each person: the viewer's own, or one in the public domain.

    Raises InputError when neither is there.
    """
    return {
        Who.RESIDENT: resident or picture_of(Who.RESIDENT),
        Who.STRANGER: stranger or picture_of(Who.STRANGER),
    }


def broker_at(url: str) -> BrokerAddress:
    """Return the broker that `mqtt://user:password@host:port` names; the port is 1883 if left out.

    Raises InputError for anything else.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or _MQTT
    except ValueError:
        port = 0
    if parts.scheme != "mqtt" or not parts.hostname or not port:
        message = "the broker is no address; give it as mqtt://user:password@host:port"
        raise InputError(message)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return BrokerAddress(parts.hostname, port, user, password)


def _reels(inputs: Inputs, cars: Cars) -> dict[str, Reel]:
    detector = YuNet(weight_files("yunet-sface")["detector"])
    people = {who: cut_portrait(path, detector) for who, path in inputs.pictures.items()}
    drawn = [name for name in compound.DRAWN if inputs.usb is None or name != "cam1"]
    return {
        name: Reel(Painter(Backdrop(seed), people, png, cars.looks), monotonic)
        for seed, name in enumerate(drawn)
    }


def _broker_addresses(url: str | None, known: compound.Secrets) -> dict[str, BrokerAddress]:
    """Return how the site and each relay are let in, by login.

    The demo's own broker has a login for each; another broker's one login serves for all.
    """
    if url is None:
        port = equipment.free_port()
        return {
            login: BrokerAddress("127.0.0.1", port, login, password)
            for login, password in known.passwords.items()
        }
    return dict.fromkeys(known.passwords, broker_at(url))


def _open_eyes(witness: Witness, settings: Settings, stop: threading.Event) -> None:
    seen = [view.camera for lane in settings.lane for view in lane.view]
    witness.wait_live([name for name in seen if name != "kiosk"], _UP_WITHIN, stop)


def _household(here: Front, witness: Witness, inputs: Inputs) -> Household:
    phone = Phone(here, ZxingCodes())
    photo = photo_of(inputs.pictures[Who.RESIDENT])
    return Household(phone, witness, lambda: compound.resident_id(witness), photo, monotonic)


def _shown_by(reels: Mapping[str, Reel]) -> Callable[[str, Scene], None]:
    def show_scene(camera: str, scene: Scene) -> None:
        if camera in reels:
            reels[camera].show(scene)

    return show_scene


def _own_broker(
    inputs: Inputs, addresses: Mapping[str, BrokerAddress], known: compound.Secrets
) -> equipment.Piece | None:
    if inputs.broker is not None:
        return None
    return equipment.broker(addresses[SITE].port, compound.broker_logins(known))


def _relays(
    known: compound.Secrets, addresses: Mapping[str, BrokerAddress], settings: Settings
) -> Iterator[equipment.Piece]:
    root = settings.site.state
    files = compound.gate_files(root)
    for lane, wiring in compound.wirings(known).items():
        address = addresses[relay_login(wiring.relay)]
        yield equipment.gate(wiring, address, files[lane].control, files[lane].ledger)
    panel = compound.panel(known)
    address = addresses[relay_login(panel.name)]
    yield equipment.lamps(panel, settings, address, root / "demo")


def _links(web_port: int, centre: str, root: Path) -> Links:
    seal = Seal(open_secret(root))
    guard = f"http://127.0.0.1:{web_port}/"
    screens = {lane: f"{guard}lane/{lane}?key={seal.lane_key(lane)}" for lane in compound.NAMES}
    return Links(guard, centre, screens)


def _introduce(built: _Built, root: Path, stop: threading.Event) -> None:
    built.centre.wait_ready(stop)
    make_known(built.here, root / "demo" / "centre.db", root, built.compound)


def _let_go(viewer: Viewer) -> None:
    """Erase the viewer; where that fails the next start does it."""
    try:
        viewer.end()
    except KuahuError as error:
        _log.error("the viewer is not erased yet, the next start will do it: %s", error)


def _today() -> str:
    return SystemClock().now().utc.astimezone(_SITE_ZONE).date().isoformat()


def _say(result: Result) -> None:
    if result.ok:
        _log.info("%s: %s in %s ms", result.step, result.got, result.ms)
    else:
        _log.warning("%s: %s", result.step, result.note)
