"""What of an event leaves for the centre, and how urgently. Pure."""

import msgspec

from edge.store.body import Body
from edge.store.chain import COLUMNS, Link
from models.event import EventKind
from models.standing import ENDED, Standing
from models.vehicle import TAILGATED
from models.visit import DOUBLE_USE

URGENT = 0
PLAIN = 1

_URGENT_KINDS = frozenset({EventKind.LATE, EventKind.FAULT, EventKind.CALL})
_URGENT_REASONS = frozenset(
    {"forged", "used", "revoked", "not_live", "locked_down", "guard", "no_vehicle", TAILGATED}
    | {"keypad_paused", DOUBLE_USE}
    | {ENDED, *Standing}
)


def priority_of(kind: EventKind, answer: str, reason: str) -> int:
    """Return 0 for an event of security, which overtakes a backlog, and 1 for any other."""
    urgent = kind in _URGENT_KINDS or reason in _URGENT_REASONS or answer == "asked"
    return URGENT if urgent else PLAIN


def wire_body(link: Link, before: bytes, body: Body | None) -> bytes:
    """Return the JSON that the centre gets: the public columns, the resident's id and the home.

    `before` and `digest` (hex) let the centre walk the chain. No name, no note, no picture, no
    template and no code is ever in it.
    """
    columns = {name: getattr(link, name) for name in COLUMNS}
    columns["digest"] = link.digest.hex()
    columns["before"] = before.hex()
    columns["resident"] = None if body is None else body.person
    columns["home"] = None if body is None else body.home
    return msgspec.json.encode(columns)


def forgotten(body: bytes) -> bytes:
    """Return an outbox body without the person and the home."""
    columns = msgspec.json.decode(body, type=dict[str, object])
    return msgspec.json.encode({**columns, "resident": None, "home": None})
