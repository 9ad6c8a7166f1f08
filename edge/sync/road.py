"""The road to the centre: one HTTPS client. The one importer of httpx on the way there."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Self

import httpx

from edge.sync.plan import Refused
from edge.sync.wire import complaint
from models.errors import CentreFault, ConfigError

OK: Final = 200
STRANGER: Final = frozenset({401, 403})
_CONNECT: Final = 5.0
_PATIENCE: Final = 10.0
"""Seconds without a byte, for what is answered at once."""
_WHOLE: Final = 30.0
"""Seconds for one whole answer, however slowly it drips; a question that may wait adds its own."""
_LONGEST: Final = 1_048_576
"""Bytes of an answer; a receipt for a full batch has under a tenth."""
_ADVICE: Final = "Nothing is lost: events stay here and are sent when the centre is back."


@dataclass(frozen=True, slots=True)
class Address:
    """Where the centre is and as whom this edge speaks: `edge` is its id."""

    url: str
    edge: str
    authority: Path | None = None
    """The certificate (PEM) of an authority of one's own; the system's are believed without."""


@dataclass(frozen=True, slots=True)
class Said:
    """A whole answer of whoever is at the other end."""

    status: int
    body: bytes
    retry_after: float | None = None
    """Seconds, where they were given."""

    def refused(self) -> Refused:
        """Return this answer as the refusal that it is."""
        return Refused(self.status, _why(self), self.retry_after)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a path below the centre's address, with a body to POST or none to GET."""

    path: str
    body: bytes | None = None
    wait: float = 0.0
    """Seconds that the centre may take on top of the usual."""
    longest: int = _LONGEST


class Road:
    """The way to one centre, for one thread."""

    def __init__(
        self,
        address: Address,
        monotonic: Callable[[], float],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Open nothing yet; `transport` replaces the network.

        Raises ConfigError for an address that would send events in the clear.
        """
        self.edge = address.edge
        self._monotonic = monotonic
        self._http = httpx.Client(
            base_url=_safe_url(address.url),
            verify=_trust(address.authority),
            # A proxy or a .netrc of the machine's owner has no say in where events go.
            trust_env=False,
            follow_redirects=False,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, question: Question, token: str | None = None) -> Said:
        """Return the answer to one question, asked once.

        Raises CentreFault where no answer came: what became of the question is unknown then.
        """
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            with self._http.stream(
                "GET" if question.body is None else "POST",
                question.path,
                content=question.body,
                headers=headers,
                timeout=httpx.Timeout(_PATIENCE + question.wait, connect=_CONNECT),
            ) as response:
                body = self._read(response, question)
        except httpx.HTTPError as error:
            # The library's sentence may hold the address; its kind is what helps.
            message = f"the centre does not answer ({type(error).__name__})"
            raise CentreFault(message, part="centre", advice=_ADVICE) from error
        return Said(response.status_code, body, _seconds(response.headers))

    def _read(self, response: httpx.Response, question: Question) -> bytes:
        until = self._monotonic() + _WHOLE + question.wait
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > question.longest or self._monotonic() > until:
                message = "the centre's answer has no end"
                raise CentreFault(message, part="centre", advice=_ADVICE)
        return bytes(body)


def no_centre() -> CentreFault:
    """Return the fault of an answer that no centre gives."""
    message = "what answers at the centre's address is no centre"
    return CentreFault(message, part="centre", advice=_ADVICE)


def _safe_url(text: str) -> str:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        message = f"the centre's url {text!r} is none; write https://centre.example.org"
        raise ConfigError(message) from error
    if (
        not url.host
        or url.userinfo
        or not (url.scheme == "https" or (url.scheme == "http" and _is_here(url.host)))
    ):
        message = (
            "the centre's url must start with https:// and hold no password "
            "(http:// only to this machine itself)"
        )
        raise ConfigError(message)
    return text if text.endswith("/") else text + "/"


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _trust(authority: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        message = f"{authority} is no certificate that can be read; give the authority's PEM file"
        raise ConfigError(message) from error


def _why(said: Said) -> str:
    if said.status in STRANGER:
        return (
            f"the centre does not know this edge, or its claim was revoked ({said.status}); "
            "ask its operator for a code and run `kuahu centre claim`"
        )
    words = complaint(said.body)
    return f"the centre answered {said.status}" + (f": {words}" if words else "")


def _seconds(headers: httpx.Headers) -> float | None:
    # The other form, a date, would have to be held against a clock that may be wrong.
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < len("1000000") else None
