"""Callers: who a request comes from, by what its browser carries."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import Response

from central.admission import Audience
from central.languages import Language, preferred

_YEAR = 365 * 24 * 3600
_NONCE = re.compile(r"[0-9A-Za-z_-]{22}")


class Holder(Protocol):
    """Whoever a log-in belongs to."""

    @property
    def audiences(self) -> frozenset[Audience]:
        """Whom the holder counts as."""
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """One way of being known: the cookie that carries a secret, and whose secret it is.

    `find` returns the holder of a secret at a time, or None; `entrance` is where one gets in.
    """

    audiences: frozenset[Audience]
    cookie: str
    find: Callable[[Engine, str, datetime], Holder | None]
    entrance: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `nonce` ties a form to the browser that it was sent to."""

    nonce: str
    language: Language = Language.ZH
    holder: Holder | None = None
    fresh: bool = False
    """Whether `nonce` is new and the browser has yet to be told."""

    @property
    def token(self) -> str:
        """The form token of this browser: nobody knows it who cannot read the browser's cookie."""
        return hmac.new(self.nonce.encode(), b"kuahu form", hashlib.sha256).hexdigest()[:32]


class Cookies:
    """Reads and sets what browsers carry; `secure` where the pages are served over HTTPS."""

    def __init__(self, *, secure: bool) -> None:
        self.secure = secure
        self._prefix = "__Host-" if secure else ""

    def caller(self, request: Request) -> Caller:
        """Return who sends `request`, not yet knowing whether a log-in stands."""
        nonce = self.value(request, "visit")
        fresh = _NONCE.fullmatch(nonce) is None
        return Caller(
            secrets.token_urlsafe(16) if fresh else nonce, self._language(request), fresh=fresh
        )

    def value(self, request: Request, name: str) -> str:
        """Return what the browser carries under `name`; empty where it carries nothing."""
        return request.cookies.get(self._name(name), "")

    def keep(self, response: Response, name: str, value: str, age: int | None = _YEAR) -> None:
        """Let the browser carry `value` under `name` for `age` seconds, None until it is closed."""
        response.set_cookie(
            self._name(name),
            value,
            max_age=age,
            path="/",
            secure=self.secure,
            httponly=True,
            # A link in a chat must lead in; what changes anything asks for the form token as well.
            samesite="lax",
        )

    def forget(self, response: Response, name: str) -> None:
        """Take back what the browser carries under `name`."""
        response.delete_cookie(
            self._name(name), path="/", secure=self.secure, httponly=True, samesite="lax"
        )

    def _name(self, name: str) -> str:
        return f"{self._prefix}kuahu-{name}"

    def _language(self, request: Request) -> Language:
        try:
            return Language(self.value(request, "language"))
        except ValueError:
            return preferred(request.headers.get("accept-language", ""))
