"""This edge's standing with the centre: a claim once, then sessions by signed challenge."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import msgspec

from edge.sync.plan import Refused
from edge.sync.road import OK, STRANGER, Question, Road, Said, no_centre

T = TypeVar("T")

_PURPOSE: Final = b"kuahu session 1\x00"
_LONGEST: Final = 1024
"""Characters of a challenge or token that are believed."""


class Admission(Protocol):
    """What lets this edge in at the centre (`Session`)."""

    def token(self, road: Road) -> str | Refused:
        """Return the token of a session, begun over `road` if there is none."""

    def spent(self, token: str) -> None:
        """Note that the centre takes `token` no longer."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What an edge shows when it claims: ids and its public key, all in hex."""

    edge: str
    public_key: str
    compound: str


class _Challenge(msgspec.Struct):
    challenge: str


class _Opened(msgspec.Struct):
    token: str
    seconds: int


class _Claimed(msgspec.Struct):
    edge: str
    compound: str


class Session:
    """The one session of all threads that speak to the centre.

    What is signed is bound to the purpose, to the edge and to a challenge of the centre, so no
    clock of this machine matters.
    """

    def __init__(self, edge: str, sign: Callable[[bytes], bytes]) -> None:
        self._edge = edge
        self._sign = sign
        self._token: str | None = None
        self._turn = threading.Lock()

    def token(self, road: Road) -> str | Refused:
        """Return the token of this session, begun over `road` if there is none.

        Raises CentreFault where no answer came, or one that no centre gives.
        """
        with self._turn:
            if self._token is None:
                begun = self._begin(road)
                if isinstance(begun, Refused):
                    return begun
                self._token = begun
            return self._token

    def spent(self, token: str) -> None:
        """Forget `token`, which the centre takes no longer, unless it was replaced already."""
        with self._turn:
            if self._token == token:
                self._token = None

    def _begin(self, road: Road) -> str | Refused:
        asked = road.ask(Question("v1/challenge", msgspec.json.encode({"edge": self._edge})))
        if asked.status != OK:
            return asked.refused()
        challenge = _read(asked, _Challenge).challenge
        if not 0 < len(challenge) <= _LONGEST or not challenge.isascii():
            raise no_centre()
        text = _PURPOSE + self._edge.encode() + b"\x00" + challenge.encode()
        body = {"edge": self._edge, "challenge": challenge, "signature": self._sign(text).hex()}
        opened = road.ask(Question("v1/session", msgspec.json.encode(body)))
        if opened.status != OK:
            return opened.refused()
        token = _read(opened, _Opened).token
        # A token is written into a header as it is.
        if not 0 < len(token) <= _LONGEST or not token.isascii() or not token.isprintable():
            raise no_centre()
        return token


def admitted(road: Road, session: Admission, question: Question) -> Said | Refused:
    """Return the answer to a question that only a known edge may ask.

    A session that has run out, or died with the centre's last start, is begun again once. Raises
    CentreFault where no answer came.
    """
    token = session.token(road)
    if isinstance(token, Refused):
        return token
    said = road.ask(question, token)
    if said.status in STRANGER:
        session.spent(token)
        token = session.token(road)
        if isinstance(token, Refused):
            return token
        said = road.ask(question, token)
        if said.status in STRANGER:
            session.spent(token)
    return said if said.status == OK else said.refused()


def claim(road: Road, code: str, identity: Identity) -> Refused | None:
    """Show the centre a one-time code and this edge's public key; None where it now knows us.

    The same code and key may be shown again within the code's life, for a lost answer. Raises
    CentreFault where no answer came, or one that no centre gives.
    """
    body = {
        "code": code,
        "edge": identity.edge,
        "public_key": identity.public_key,
        "compound": identity.compound,
    }
    said = road.ask(Question("v1/claim", msgspec.json.encode(body)))
    if said.status != OK:
        return said.refused()
    claimed = _read(said, _Claimed)
    if (claimed.edge, claimed.compound) != (identity.edge, identity.compound):
        raise no_centre()
    return None


def _read(said: Said, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(said.body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise no_centre() from error
