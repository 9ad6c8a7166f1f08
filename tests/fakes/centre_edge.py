"""An edge as its centre sees it: the real store, desks and both ways, over a road that can fail."""

import atexit
import shutil
import tempfile
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from edge.core.eyes import Encoded
from edge.core.letterbox import Letterbox
from edge.core.pass_keys import PassKeys
from edge.core.photo_desk import PhotoDesk
from edge.core.told_desk import ToldDesk
from edge.core.told_rules import Grounds
from edge.store.store import Store
from edge.sync.client import Ends, Uplink
from edge.sync.downlink import DownEnds, Downlink
from edge.sync.feed import Feed
from edge.sync.mailbox import Mailbox
from edge.sync.plan import Course
from edge.sync.road import Address, Road
from edge.sync.session import Session
from models.home import Home
from models.moment import Moment
from models.registry import Resident, ResidentKind
from models.template import Template
from tests.fakes.centre_model import COMPOUND, Asked, ModelCentre
from tests.fuzz.sync_world import Hasty

HOME = Home(3, 1, 502)
START = Moment(datetime(2026, 11, 22, 8, tzinfo=UTC), 5000.0)
SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
TEMPLATE = Template("fake", b"TEMPLATE" * 16)
Ask = Callable[[Asked], tuple[int, bytes]]


@cache
def _new_state() -> Path:
    """Return a state folder that has been opened once, to be copied: that is quicker than anew."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    Store.open(folder / "state", START, ballast=0, boot="1").close()
    return folder / "state"


@dataclass
class FakeEyes:
    """Makes a template of every photo, or does `instead` what it is told."""

    instead: deque[Exception] = field(default_factory=deque)
    seen: list[bytes] = field(default_factory=list)
    ready: bool = True
    before: Callable[[], None] = lambda: None

    def encode(self, photos: tuple[str | bytes, ...]) -> Encoded:
        self.seen += [one for one in photos if isinstance(one, bytes)]
        self.before()
        if self.instead:
            raise self.instead.popleft()
        return Encoded((TEMPLATE,), 0)

    def looks(self) -> bool:
        return self.ready


@dataclass
class CentreEdge:
    """One edge; `ask` is the centre behind the road, `faults` what becomes of the next requests."""

    folder: Path
    centre: ModelCentre = field(default_factory=ModelCentre)
    ask: Ask | None = None
    eyes: FakeEyes = field(default_factory=FakeEyes)
    now: Moment = START
    compound: str = COMPOUND
    faults: deque[Callable[[Ask, Asked], httpx.Response]] = field(default_factory=deque)
    captured: list[bytes] = field(default_factory=list)
    refreshed: int = 0

    def __post_init__(self) -> None:
        if not self.folder.exists():
            shutil.copytree(_new_state(), self.folder)
        self.open()

    def open(self) -> None:
        self.store = store = Store.open(self.folder, self.now, ballast=0, boot="1")
        self.centre.know(store.edge, store._parts.keys.public)
        self.keys = PassKeys(self.folder / "pass-keys.json", self.compound)
        self.keys.believe(store.exchange.pass_keys())
        clock = _Clock(self)
        grounds = Grounds(
            store,
            clock,
            self.compound,
            frozenset({1, 2, 3}),
            self.keys,
            self._refresh,
            _nobody_looks,
        )
        self.photo_keys = store.exchange.photo_keys(self.compound)
        self.desk = ToldDesk(grounds)
        self.photos = PhotoDesk(grounds, self.photo_keys, self.eyes.encode, self.eyes.looks)
        session, stop = Session(store.edge, store.sign), Hasty()
        ends = DownEnds(store.exchange, Feed(self._road(), session), self.desk.deal, clock)
        self.down = Downlink(ends, stop, lambda: 0.5, wait=0.0)
        box = Letterbox(store.exchange)
        self.up = Uplink(Ends(box, Mailbox(self._road(), session), clock), stop, lambda: 0.5)
        self.course = Course()

    def close(self) -> None:
        self.store.close()

    def restart(self) -> None:
        self.close()
        self.now = self.now.after(5.0)
        self.open()

    def hear(self, turns: int = 3) -> None:
        """Let the way down do some turns."""
        for _ in range(turns):
            self.down.turn()

    def speak(self, turns: int = 8) -> None:
        """Let the letters' way up do some steps."""
        for _ in range(turns):
            self.course = self.up.turn(self.course)

    def live(self, rounds: int = 3) -> None:
        """Let everything happen that is to happen."""
        for _ in range(rounds):
            self.hear(2)
            self.photos.deal()
            self.speak()

    def somebody(
        self,
        name: str = "Ouyang Qingfeng",
        home: Home = HOME,
        **words: Any,  # noqa: ANN401
    ) -> Resident:
        kind = words.get("kind", ResidentKind.OWNER)
        return self.store.add_resident(name, home, kind, words.get("until"), self.now)

    def letters(self, kind: str) -> list[dict[str, Any]]:
        return self.centre.said(kind)

    def refused(self) -> dict[int, str]:
        """Return why items were not applied, by number."""
        self.speak()
        return {one["number"]: one["why"] for one in self.letters("not_applied")}

    def _refresh(self) -> None:
        self.refreshed += 1

    def _road(self) -> Road:
        address = Address("http://127.0.0.1:9", self.store.edge)
        return Road(address, lambda: 0.0, httpx.MockTransport(self._carry))

    def _carry(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        self.captured += [body, str(request.url).encode()]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        target = request.url.raw_path.decode()
        asked = Asked(request.method, target, body, token)
        ask = self.ask or self.centre.answer
        if self.faults:
            return self.faults.popleft()(ask, asked)
        status, said = ask(asked)
        return httpx.Response(status, content=said)


@dataclass
class _Clock:
    edge: CentreEdge

    def now(self) -> Moment:
        return self.edge.now


def _nobody_looks(_seq: int) -> None:
    """Nobody watches the journal here."""


def sealed(
    point: str, photo: bytes, photo_id: str, resident_id: str, compound: str = COMPOUND
) -> str:
    """Return a photo as a browser seals it, in base64."""
    key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), bytes.fromhex(point))
    info = b"\x00".join(
        (b"kuahu photo 1", compound.encode(), photo_id.encode(), resident_id.encode())
    )
    return b64encode(SUITE.encrypt(photo, key, info)).decode()


def consent(by: str, at: datetime, guardian: str | None = None) -> dict[str, Any]:
    """Return a consent on the wire, given on the own phone."""
    return {
        "version": "face-1",
        "at": at.isoformat(),
        "channel": "phone",
        "by": by,
        "guardian": guardian,
    }
