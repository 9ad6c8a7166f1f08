"""Callers: who a request comes from, by what its browser carries."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from edge.web.admission import ROLE, Who
from edge.web.screens import Screens
from edge.web.seal import Seal, same
from edge.web.words import Language
from models.user import Role, User

Kind = TypeVar("Kind")

SHIFT = 12 * 3600.0
"""Seconds after which a guard logs in again."""
_YEAR = 365 * 24 * 3600
_LANE_PATH = re.compile(r"/lane/(\d{1,2})(?:/|$)")


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in; `since` is seconds of CLOCK_MONOTONIC of the machine's start `boot`."""

    name: str
    role: Role
    nonce: str
    since: float
    boot: str
    mark: str
    """A mark of the password that was used: another password ends the session."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A device that is one lane's screen."""

    lane: int
    nonce: str
    generation: int
    """That of the key it was made with; void once the lane's key is a newer one."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `nonce` ties a form to the browser that it was sent to."""

    nonce: str
    language: Language = Language.ZH
    session: Session | None = None
    screens: Mapping[int, Screen] = field(default_factory=dict)
    fresh: bool = False
    """Whether `nonce` is new and the browser has yet to be told."""

    def roles(self, lane: int | None) -> frozenset[Who]:
        """Return the caller's roles in what concerns `lane`."""
        roles = {Who.ANYONE}
        if self.session is not None:
            roles.add(ROLE[self.session.role])
        if lane is not None and lane in self.screens:
            roles.add(Who.LANE)
        return frozenset(roles)

    @property
    def guard(self) -> str:
        """The name that openings are recorded under; empty for who is not logged in."""
        return self.session.name if self.session else ""


class Cookies:
    """Reads and sets what browsers carry; `secure` where the pages are served over HTTPS."""

    def __init__(
        self,
        seal: Seal,
        screens: Screens,
        lanes: frozenset[int],
        mono: Callable[[], float],
        *,
        secure: bool,
    ) -> None:
        self._seal = seal
        self._generations = screens
        self._lanes = lanes
        self._mono = mono
        self._secure = secure
        self._boot = _boot()
        self._prefix = "__Host-" if secure else ""

    def caller(self, request: Request) -> Caller:
        """Return who sends `request`; whatever is not genuine or is over counts as absent."""
        carried = request.cookies
        session = self._session(carried.get(self._name("desk"), ""))
        match = _LANE_PATH.match(request.url.path)
        screens = self._screens(request, int(match[1])) if match else {}
        visit = self._seal.read("visit", carried.get(self._name("visit"), ""))
        nonce = visit if isinstance(visit, str) else secrets.token_urlsafe(12)
        fresh = not isinstance(visit, str)
        if match and screens:
            nonce, fresh = screens[int(match[1])].nonce, False
        elif session:
            nonce, fresh = session.nonce, False
        try:
            language = Language(carried.get(self._name("language"), ""))
        except ValueError:
            language = Language.ZH
        return Caller(nonce, language, session, screens, fresh)

    def log_in(self, response: Response, user: User) -> None:
        """Make the browser that gets `response` the user's."""
        mark = self._seal.fingerprint(user.password_hash)
        nonce = secrets.token_urlsafe(12)
        session = Session(user.name, user.role, nonce, self._mono(), self._boot, mark)
        self._set(response, "desk", self._seal.sign("desk", asdict(session)))

    def log_out(self, response: Response) -> None:
        """Take the log-in back."""
        response.delete_cookie(
            self._name("desk"), secure=self._secure, httponly=True, samesite="strict"
        )

    def remember_visit(self, response: Response, nonce: str) -> None:
        """Tie the browser to `nonce`."""
        self._set(response, "visit", self._seal.sign("visit", nonce))

    def remember_screen(self, response: Response, screen: Screen) -> None:
        """Make the device the screen of a lane."""
        value = self._seal.sign("lane", asdict(screen))
        self._set(response, f"lane-{screen.lane}", value, _YEAR)

    def remember_language(self, response: Response, language: Language) -> None:
        """Serve this browser in `language` from now on."""
        self._set(response, "language", str(language), _YEAR)

    def _set(self, response: Response, name: str, value: str, age: int | None = None) -> None:
        response.set_cookie(
            self._name(name),
            value,
            max_age=age,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )

    def _name(self, name: str) -> str:
        return f"{self._prefix}kuahu-{name}"

    def _session(self, text: str) -> Session | None:
        session = _convert(self._seal.read("desk", text), Session)
        if session is None or session.boot != self._boot:
            return None
        return session if 0 <= self._mono() - session.since < SHIFT else None

    def _screens(self, request: Request, lane: int) -> Mapping[int, Screen]:
        if lane not in self._lanes:
            return {}
        generation = self._generations.generation(lane)
        carried = request.cookies.get(self._name(f"lane-{lane}"), "")
        screen = _convert(self._seal.read("lane", carried), Screen)
        if screen is not None and (screen.lane, screen.generation) == (lane, generation):
            return {lane: screen}
        key = request.query_params.get("key", "")
        if request.method == "GET" and same(key, self._seal.lane_key(lane, generation)):
            return {lane: Screen(lane, secrets.token_urlsafe(12), generation)}
        return {}


def _convert(value: object, kind: type[Kind]) -> Kind | None:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None


def _boot() -> str:
    """Return a word that changes when the machine starts again, and its monotonic clock with it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_hex(8)
