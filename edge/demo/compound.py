"""The demo compound: its site file, its secrets, its resident and its passes."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from edge import wire
from edge.demo.gates import GateFiles
from edge.demo.household import Household
from edge.demo.lan import Front
from edge.demo.story import Prop
from edge.demo.witness import Witness
from edge.issuer import desk
from edge.issuer.client import ask, ask_keys
from edge.issuer.order import Order
from edge.places import Places, keep_secret, make_private
from models.errors import Fault
from models.lane import Drive
from mqtt_bridge.access import SITE, Login, logins, relay_login
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.panel_track import Make, PanelSpec
from mqtt_bridge.relay_core import Wiring
from mqtt_bridge.seal import KEY_BYTES, RelayKey
from mqtt_bridge.track import RelaySpec

RELAYS = {
    1: ("gate-1", Drive.PULSE),
    2: ("gate-2", Drive.OPEN_CLOSE),
    3: ("gate-3", Drive.OPEN_CLOSE),
}
NAMES = {1: "东门", 2: "西门", 3: "车行口"}
DRAWN = ("cam1", "cam2-in", "cam2-out", "cam3")
"""The cameras that the stage draws."""

PANEL, CHARGER = "lamps", "c1"
LAMPS = ("drive", "garage")
"""The outputs of the panel that light the way in and the garage behind it."""

_ZONE = {"min_on": 1.0, "hold": 3.0, "daylight": "none", "baseline_hours": 24.0}
_GARAGE: list[tuple[str, Mapping[str, object]]] = [
    (
        "[[zone]]",
        {
            **_ZONE,
            "id": "drive",
            "name": "车道",
            "lamps": f"{PANEL}/drive",
            "watts": 120.0,
            "lit_by": [3],
            "next": ["garage"],
        },
    ),
    (
        "[[zone]]",
        {
            **_ZONE,
            "id": "garage",
            "name": "车库",
            "lamps": f"{PANEL}/garage",
            "watts": 360.0,
            "inputs": [f"{PANEL}/pir"],
        },
    ),
    (
        "[[load]]",
        {"id": CHARGER, "name": "1号充电位", "socket": f"{PANEL}/{CHARGER}", "max_amps": 10.0},
    ),
]

_HOST = "00000000000000d0"
HOME = "3-1-502"
_RESIDENT = ("演示住户", HOME, "owner")
_BY = "demo"
_CHALLENGE = 6.0
"""Seconds that lane 2 waits for a movement; a viewer is shown what comes of it sooner."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the demo compound is built from.

    `streams` are the addresses of the drawn cameras by id; `usb` is the number of the camera that
    stands in for the first lane's, None where that is drawn too.
    """

    root: Path
    broker: BrokerAddress
    web_port: int
    centre: Front
    streams: Mapping[str, str]
    usb: int | None = None


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is made up at the first start and kept."""

    compound: str
    keys: Mapping[int, RelayKey] = field(repr=False)
    passwords: Mapping[str, str] = field(repr=False)
    panel: RelayKey = field(repr=False)


def make_up(root: Path) -> Secrets:
    """Return the secrets of the demo compound at `root`, made if this is its first start.

    What an older demo did not know of is made as well.
    """
    page = root / "demo" / "secrets.json"
    known = json.loads(page.read_text("utf-8")) if page.exists() else {}
    names = [SITE, *(relay_login(name) for name, _ in RELAYS.values()), relay_login(PANEL)]
    places = [*(str(lane) for lane in RELAYS), PANEL]
    said = {
        "compound": known.get("compound") or secrets.token_hex(4),
        "keys": {one: secrets.token_hex(KEY_BYTES) for one in places} | known.get("keys", {}),
        "passwords": {one: secrets.token_urlsafe(24) for one in names} | known.get("passwords", {}),
    }
    if said != known:
        make_private(root)
        keep_secret(page, json.dumps(said))
    keys = {lane: RelayKey.parse(said["keys"][str(lane)]) for lane in RELAYS}
    panel = RelayKey.parse(said["keys"][PANEL])
    return Secrets(said["compound"], keys, said["passwords"], panel)


def broker_logins(known: Secrets) -> tuple[Login, ...]:
    """Return who may say and hear what at the demo's own broker."""
    specs = tuple(
        RelaySpec(name, lane, drive, key=known.keys[lane]) for lane, (name, drive) in RELAYS.items()
    )
    return logins(specs, dict(known.passwords), panels=(panel(known),))


def panel(known: Secrets) -> PanelSpec:
    """Return the relay that the lamps and the charger hang on."""
    return PanelSpec(PANEL, Make.KUAHU, known.panel, "", frozenset(LAMPS), frozenset({CHARGER}))


def gate_files(root: Path) -> dict[int, GateFiles]:
    """Return where each simulated gate is poked and where it writes what it did."""
    here = root / "demo"
    return {
        lane: GateFiles(here / f"{name}.sock", here / f"{name}.ledger")
        for lane, (name, _) in RELAYS.items()
    }


def wirings(known: Secrets) -> dict[int, Wiring]:
    """Return how each simulated relay is wired."""
    return {
        lane: Wiring(name, lane, drive, known.keys[lane]) for lane, (name, drive) in RELAYS.items()
    }


def lay_out(plan: Plan, known: Secrets) -> Path:
    """Write everything that `kuahu run` would find at a site, and return its site file."""
    places = Places(plan.root)
    for lane, (name, _) in RELAYS.items():
        keep_secret(places.relay_key(name), known.keys[lane].hex() + "\n")
    keep_secret(places.relay_key(PANEL), known.panel.hex() + "\n")
    password = plan.root / "demo" / "broker-password"
    keep_secret(password, plan.broker.password + "\n")
    if not places.issuer.exists():
        desk.create(places.issuer, known.compound)
    keep_secret(places.pass_keys, ask_keys(places.issuer))
    site = plan.root / "site.toml"
    keep_secret(site, _site_file(plan, known, password))
    return site


def _site_file(plan: Plan, known: Secrets, password: Path) -> str:
    broker = plan.broker
    tables: list[tuple[str, Mapping[str, object]]] = [
        ("[site]", {"name": "演示小区", "compound": known.compound, "state": str(plan.root)}),
        (
            "[broker]",
            {
                "host": broker.host,
                "port": broker.port,
                "username": broker.username,
                "password_file": str(password),
            },
        ),
        ("[web]", {"port": plan.web_port}),
        ("[centre]", _centre(plan.centre)),
        ("[recognition]", {"challenge_seconds": _CHALLENGE}),
    ]
    sources = {**plan.streams, "kiosk": "kiosk"}
    if plan.usb is not None:
        sources["cam1"] = f"usb:{plan.usb}"
    tables += [("[[camera]]", {"id": name, "source": source}) for name, source in sources.items()]
    tables += [("[[relay]]", {"name": name}) for name, _ in RELAYS.values()]
    tables.append(("[[relay]]", {"name": PANEL}))
    first = {
        "directions": ["entry"],
        "credentials": ["face", "pass"],
        "liveness": "off",
        "open_for": 3.0,
    }
    second = {
        "directions": ["entry", "exit"],
        "credentials": ["face", "pass"],
        "liveness": "challenge",
        "open_for": 3.0,
        "presence": ["loop", "beam"],
    }
    third = {
        "kind": "vehicle",
        "directions": ["entry", "exit"],
        "credentials": ["plate", "pass"],
        "open_for": 3.0,
        "presence": ["loop", "beam"],
        "vehicle": ["loop"],
    }
    for lane, shape, views in (
        (1, first, (("cam1", "entry", ["face", "code"]),)),
        (2, second, (("cam2-in", "entry", ["face", "code"]), ("cam2-out", "exit", ["code"]))),
        (3, third, ()),
    ):
        name, drive = RELAYS[lane]
        head = {"number": lane, "name": NAMES[lane], "drive": str(drive), "relay": name}
        tables.append(("[[lane]]", {**head, **shape, "demo": True}))
        kiosk = (("kiosk", "entry", ["face", "code"]),) if lane == 2 else ()  # noqa: PLR2004 - the visitors' lane
        tables += [
            ("[[lane.view]]", {"camera": camera, "direction": way, "looks": looks})
            for camera, way, looks in (*views, *kiosk)
        ]
    # One camera over the whole way: who comes in keeps to the left, who leaves to the right.
    tables += [
        ("[[lane.view]]", {"camera": "cam3", "direction": way, "looks": ["plate"], "roi": roi})
        for way, roi in (("entry", [0.0, 0.0, 0.5, 1.0]), ("exit", [0.5, 0.0, 1.0, 1.0]))
    ]
    tables += _GARAGE
    return "\n".join(_table(head, rows) for head, rows in tables)


def _centre(front: Front) -> dict[str, object]:
    ca = {} if front.certificate is None else {"ca": str(front.certificate)}
    return {"url": front.url, **ca}


def _table(head: str, rows: Mapping[str, object]) -> str:
    """Return one TOML table; JSON's strings, numbers, truths and lists are TOML's too."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in rows.items()]
    return "\n".join([head, *lines, ""])


def register_resident(witness: Witness) -> None:
    """Put the demo's resident on the register, unless that was done before."""
    name, home, kind = _RESIDENT
    if _found(witness) is None:
        witness.ask(lambda ref: wire.AddResident(ref, name, home, kind, None, (), None, _BY, None))


def resident_id(witness: Witness) -> str:
    """Return the id of the demo's resident; raises Fault where the register has nobody."""
    found = _found(witness)
    if found is None:
        message = "the demo's resident is not on the register"
        raise Fault(message, part="core", advice="start the demo again")
    return found


def _found(witness: Witness) -> str | None:
    known = witness.ask(wire.Residents)
    rows = known.rows if isinstance(known, wire.ResidentsAre) else ()
    return next((row.id for row in rows if row.name == _RESIDENT[0]), None)


def register_car(witness: Witness, plate: str) -> None:
    """Put the resident's car on the register, unless that was done before."""
    known = witness.ask(wire.Vehicles)
    if isinstance(known, wire.VehiclesAre) and any(row.plate == plate for row in known.rows):
        return
    witness.ask(lambda ref: wire.AddVehicle(ref, plate, HOME, None, _BY))


class PassDesk:
    """Makes the passes of the story: good ones on the resident's phone; `now` gives aware UTC."""

    def __init__(
        self, known: Secrets, root: Path, household: Household, now: Callable[[], datetime]
    ) -> None:
        self._issuer = Places(root).issuer
        self._foreign = root / "demo" / "foreign-issuer"
        self._compound = known.compound
        self._household = household
        self._now = now
        self._bad: dict[Prop, str] = {}

    def codes(self) -> dict[Prop, str]:
        """Return the passes of one telling: fresh good ones, a revoked, an expired and a forged."""
        if not self._bad:
            self._bad = {Prop.EXPIRED: self._expired(), Prop.FORGED: self._forged()}
        visitor, offline, revoked = self._household.passes()
        made = {Prop.VISITOR: visitor, Prop.OFFLINE: offline, Prop.REVOKED: revoked}
        return {**self._bad, **made}

    def _expired(self) -> str:
        return self._sign(self._issuer, timedelta(hours=-3), timedelta(hours=-1))

    def _forged(self) -> str:
        """Return a pass as somebody would make it who knows all but the signing key."""
        if not self._foreign.exists():
            desk.create(self._foreign, self._compound)
        return self._sign(self._foreign, timedelta(minutes=-1), timedelta(hours=1))

    def _sign(self, issuer: Path, start: timedelta, end: timedelta) -> str:
        now = self._now().replace(microsecond=0)
        order = Order(_HOST, now + start, now + end, lanes=frozenset(RELAYS))
        return ask(issuer, order).token
