"""Letters at the centre: a batch is handed in over the road, and its receipt is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import msgspec

from edge.sync.plan import Refused
from edge.sync.road import Question, Road, no_centre
from edge.sync.session import Admission, admitted
from edge.sync.wire import Receipt, line

LETTERS: Final = "letters"
"""What numbers the letters, where events have the id of a journal."""
CONFLICT: Final = "conflict"
_CONFLICT_THERE: Final = "this number is known with another hash"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter that the centre has not yet proved to have."""

    seq: int
    kind: str
    body: bytes
    journal: str = LETTERS


class _Letter(msgspec.Struct):
    number: int
    kind: str
    body: msgspec.Raw


class _Aside(msgspec.Struct):
    number: int | None
    why: str


class _Answer(msgspec.Struct):
    safe: list[int]
    aside: list[_Aside] = []


class Mailbox:
    """One centre that takes letters, spoken to by one thread."""

    def __init__(self, road: Road, session: Admission) -> None:
        self._road = road
        self._session = session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._road.__exit__()

    def hand_in(self, rows: Sequence[Letter]) -> Receipt | Refused:
        """Send `rows` once and return the receipt, or the refusal with its status.

        Raises CentreFault where no answer came or it was none of a centre.
        """
        letters = [_Letter(one.seq, one.kind, msgspec.Raw(one.body)) for one in rows]
        asked = Question("v1/letters", msgspec.json.encode({"letters": letters}))
        said = admitted(self._road, self._session, asked)
        if isinstance(said, Refused):
            return said
        proved = receipt(said.body, rows)
        if proved is None:
            raise no_centre()
        return proved


def receipt(answer: bytes, rows: Sequence[Letter]) -> Receipt | None:
    """Return what `answer` proves of the letters sent, or None where it is no answer of a centre.

    What was not sent cannot become safe, and what is put aside is not safe even if it is listed.
    """
    try:
        said = msgspec.json.decode(answer, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    sent = {one.seq for one in rows}
    aside = {
        (LETTERS, one.number): CONFLICT if one.why == _CONFLICT_THERE else line(one.why)
        for one in said.aside
        if one.number is not None and one.number in sent
    }
    safe = frozenset((LETTERS, number) for number in said.safe if number in sent)
    return Receipt(safe - aside.keys(), aside)
