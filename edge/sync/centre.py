"""The centre at the other end of HTTPS. The one importer of httpx on the way up."""

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Self

import httpx

from edge.sync.plan import Refused
from edge.sync.ports import OutboxRow
from edge.sync.wire import Receipt, complaint, receipt, request
from models.errors import CentreFault, ConfigError

_PATIENCE: Final = httpx.Timeout(10.0, connect=5.0)
_WHOLE: Final = 30.0
"""Seconds for one whole answer, however slowly it drips."""
_LONGEST: Final = 1_048_576
"""Bytes of an answer; a receipt for a full batch has under a tenth."""
_OK: Final = 200
_STRANGER: Final = frozenset({401, 403})
_ADVICE: Final = "Nothing is lost: events stay here and are sent when the centre is back."


@dataclass(frozen=True, slots=True)
class Address:
    """Where the centre is and as whom this edge speaks: `edge` is its id, `token` its claim."""

    url: str
    token: str = field(repr=False)
    edge: str
    authority: Path | None = None
    """The certificate (PEM) of an authority of one's own; the system's are believed without."""


class Centre:
    """One centre, spoken to by one thread."""

    def __init__(self, address: Address, monotonic: Callable[[], float]) -> None:
        """Open nothing yet.

        Raises ConfigError for an address that would send events in the clear.
        """
        self._edge = address.edge
        self._monotonic = monotonic
        self._http = httpx.Client(
            base_url=_safe_url(address.url),
            verify=_trust(address.authority),
            timeout=_PATIENCE,
            headers={
                "Authorization": f"Bearer {address.token}",
                "Content-Type": "application/json",
            },
            # A proxy or a .netrc of the machine's owner has no say in where events go.
            trust_env=False,
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def hand_in(self, rows: Sequence[OutboxRow]) -> Receipt | Refused:
        """Send `rows` once and return the receipt, or the refusal with its status.

        Raises CentreFault where no answer came or it was none of a centre: what became of the
        rows is unknown then.
        """
        try:
            with self._http.stream(
                "POST", "v1/events", content=request(self._edge, rows)
            ) as response:
                body = self._read(response)
        except httpx.HTTPError as error:
            # The library's sentence may hold the address; its kind is what helps.
            message = f"the centre does not answer ({type(error).__name__})"
            raise CentreFault(message, part="centre", advice=_ADVICE) from error
        if response.status_code != _OK:
            return Refused(response.status_code, _why(response, body), _seconds(response.headers))
        proved = receipt(body, rows)
        if proved is None:
            message = "what answers at the centre's address is no centre"
            raise CentreFault(message, part="centre", advice=_ADVICE)
        return proved

    def _read(self, response: httpx.Response) -> bytes:
        until = self._monotonic() + _WHOLE
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > _LONGEST or self._monotonic() > until:
                message = "the centre's answer has no end"
                raise CentreFault(message, part="centre", advice=_ADVICE)
        return bytes(body)


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


def _why(response: httpx.Response, body: bytes) -> str:
    if response.status_code in _STRANGER:
        return (
            f"the centre does not accept this compound's claim ({response.status_code}); "
            "ask its operator for a new one"
        )
    said = complaint(body)
    return f"the centre answered {response.status_code}" + (f": {said}" if said else "")


def _seconds(headers: httpx.Headers) -> float | None:
    # The other form, a date, would have to be held against a clock that may be wrong.
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < len("1000000") else None
