"""Reading what an edge hands in, as one reads a stranger's post: pure."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

from central.moments import EPOCH, microseconds
from central.words import Arrival, Batch, Poison
from models.errors import InputError
from models.lane import MAX_LANE

MAX_BYTES: Final = 1_048_576
"""Bytes of one request."""
MAX_ROWS: Final = 500
MAX_EVENT: Final = 16_384
"""Bytes of one event."""
MAX_SEQ: Final = 2**63 - 1

_WHY: Final = 200
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_NAMED: Final = re.compile(r"[0-9A-Za-z_.:-]{1,64}")
_EDGE: Final = re.compile(r"[0-9A-Za-z_.:-]{1,80}")

_Journal = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f-]{8,64}\Z")]
_Hash = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
_Seq = Annotated[int, msgspec.Meta(ge=1, le=MAX_SEQ)]


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """One request with events, each an Event."""

    edge: str
    events: list[msgspec.Raw]
    journal: str | None = None


class Event(msgspec.Struct, forbid_unknown_fields=True):
    """One event on the wire (docs/centre.md)."""

    journal: _Journal
    seq: _Seq
    row_hash: _Hash
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    kind: Annotated[str, msgspec.Meta(pattern=r"\A[a-z_]{1,32}\Z")]
    body: dict[str, object]
    lane: Annotated[int, msgspec.Meta(ge=1, le=MAX_LANE)] | None = None


class _Key(msgspec.Struct):
    """What of a poison row can still be told to its sender."""

    journal: _Journal
    seq: _Seq
    row_hash: _Hash


class _Body(msgspec.Struct):
    body: msgspec.Raw


class _Said(msgspec.Struct):
    before: _Hash | None = None
    resident: object = None


class TooMuch(InputError):  # noqa: N818 - it names what was sent, as its parent does
    """A request is larger than one request may be; half of it may do."""

    code = "too_much"


def edge_name(text: str) -> str:
    """Return `text` where it can name an edge; raises InputError where it cannot."""
    if not _EDGE.fullmatch(text):
        message = "an edge is named by 1 to 80 of letters, digits and _ . : -"
        raise InputError(message)
    return text


def read_batch(raw: bytes) -> Batch:
    """Return the batch that `raw` is, each row an event or poison, whatever the other rows are.

    Raises InputError where it is no batch at all and TooMuch where it has too many rows.
    """
    try:
        envelope = msgspec.json.decode(raw, type=Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = f"this is no batch of events: {_brief(error)}"
        raise InputError(message) from error
    if len(envelope.events) > MAX_ROWS:
        message = f"{len(envelope.events)} events are more than {MAX_ROWS}; send fewer at a time"
        raise TooMuch(message)
    return Batch(edge_name(envelope.edge), tuple(_row(bytes(one)) for one in envelope.events))


def _row(raw: bytes) -> Arrival | Poison:
    if len(raw) > MAX_EVENT:
        return _poison(raw, f"an event of {len(raw)} bytes is longer than {MAX_EVENT}")
    try:
        event = msgspec.json.decode(raw, type=Event)
        body = bytes(msgspec.json.decode(raw, type=_Body).body).decode("utf-8")
        said = msgspec.json.decode(body, type=_Said)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _poison(raw, _brief(error))
    if not EPOCH <= event.at < _LATEST:
        return _poison(raw, "a time outside 1970 to 2200")
    at = microseconds(event.at)
    return Arrival(
        journal=event.journal,
        seq=event.seq,
        row_hash=event.row_hash,
        at=at,
        kind=event.kind,
        lane=event.lane,
        before=said.before,
        body=body,
        resident=_named(said.resident),
    )


def _named(said: object) -> str | None:
    # Whatever else stands there names nobody; the event counts all the same.
    return said if isinstance(said, str) and _NAMED.fullmatch(said) else None


def _poison(raw: bytes, why: str) -> Poison:
    text = raw[:MAX_EVENT].decode("utf-8", "replace").replace("\x00", "\ufffd")
    try:
        key = msgspec.json.decode(raw, type=_Key)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Poison(None, None, None, why, text)
    return Poison(key.journal, key.seq, key.row_hash, why, text)


def _brief(error: Exception) -> str:
    # A library's sentence may quote the sender; what is stored and shown stays short and printable.
    kept = "".join(letter if letter.isprintable() else "\ufffd" for letter in str(error))
    return kept[:_WHY]
