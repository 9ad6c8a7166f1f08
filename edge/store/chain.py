"""The hash chain of the journal: what a row's hash covers, and what a signed head says. Pure.

A row's hash is SHA-256 over the hash before it and every public column in order; the personal
part enters only as a salted digest, so that it can be erased while the chain still holds.
"""

from dataclasses import dataclass, fields
from hashlib import sha256
from operator import attrgetter

import msgspec

from models.errors import InputError

GENESIS = bytes(32)
"""The hash before the first row."""

NOTHING = b""
"""The digest of a row without a personal part."""


@dataclass(frozen=True, slots=True)
class Link:
    """The public columns of one row, exactly as they are hashed and sent to the centre."""

    journal: str
    seq: int
    kind: str
    at: str
    trust: str
    lane: int | None
    direction: str | None
    credential: str | None
    answer: str
    reason: str
    answers: int | None
    ms: int | None
    policy: str | None
    digest: bytes


COLUMNS = tuple(column.name for column in fields(Link))
"""The public columns in the order in which they are hashed."""

_VALUES = attrgetter(*COLUMNS)


def row_hash(before: bytes, link: Link) -> bytes:
    """Return the 32-byte hash of a row that follows the row with hash `before`."""
    return sha256(before + canonical(link)).digest()


def canonical(link: Link) -> bytes:
    """Return the bytes of a row that are hashed: a JSON array, the digest in hex, no spaces."""
    *columns, digest = _VALUES(link)
    try:
        return msgspec.json.encode([1, *columns, digest.hex()])
    except UnicodeEncodeError as error:
        message = f"a word of event {link.seq} is not Unicode text: {error.reason}"
        raise InputError(message) from error


def digest(salt: bytes, body: bytes) -> bytes:
    """Return the salted digest that stands for a personal part in its row."""
    return sha256(salt + body).digest()


def head_message(link: tuple[str, int, bytes], at: str) -> bytes:
    """Return the bytes that an edge signs to vouch for (journal, seq, hash) at a time."""
    journal, seq, value = link
    return msgspec.json.encode(["kuahu-head/1", journal, seq, value.hex(), at])
