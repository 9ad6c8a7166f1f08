"""What goes up and what comes back, as bytes (docs/centre.md). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from edge.sync.ports import Key, OutboxRow

_WHY: Final = 200


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the centre says of the rows of one request: which are safe, which it put aside."""

    safe: frozenset[Key]
    aside: dict[Key, str]


class _Event(msgspec.Struct):
    journal: str
    seq: int
    row_hash: str
    at: datetime
    kind: str
    lane: int | None
    body: msgspec.Raw


class _Batch(msgspec.Struct):
    edge: str
    events: list[_Event]


class _Aside(msgspec.Struct):
    index: int
    why: str


class _Error(msgspec.Struct):
    error: str


class _Answer(msgspec.Struct):
    safe: list[tuple[str, int]]
    quarantined: list[_Aside]


def request(edge: str, rows: Sequence[OutboxRow]) -> bytes:
    """Return the body that hands in `rows` for `edge`, in their order."""
    events = [
        _Event(
            journal=row.journal,
            seq=row.seq,
            row_hash=row.row_hash,
            at=row.at,
            kind=row.kind,
            lane=row.lane,
            body=msgspec.Raw(row.body),
        )
        for row in rows
    ]
    return msgspec.json.encode(_Batch(edge, events))


def receipt(answer: bytes, rows: Sequence[OutboxRow]) -> Receipt | None:
    """Return what `answer` proves of `rows`, or None where it is no answer of a centre.

    What was not sent cannot become safe, and what is put aside is not safe even if it is listed.
    """
    try:
        said = msgspec.json.decode(answer, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    sent = [(row.journal, row.seq) for row in rows]
    aside = {
        sent[one.index]: line(one.why) for one in said.quarantined if 0 <= one.index < len(sent)
    }
    return Receipt(frozenset(said.safe) & frozenset(sent) - aside.keys(), aside)


def complaint(answer: bytes) -> str:
    """Return the sentence of a refusal, or the start of whatever came instead, as one line."""
    try:
        said = msgspec.json.decode(answer, type=_Error).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        said = answer[:_WHY].decode("utf-8", "replace")
    return line(said)


def line(said: str) -> str:
    """Return what a stranger says as one short line that steers no terminal."""
    # What a stranger says is shown in logs and on terminals: nothing in it may steer them.
    return "".join(letter if letter.isprintable() else " " for letter in said[:_WHY]).strip()
