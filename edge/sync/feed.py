"""Asking the centre for news: a long question, and an answer that is looked at as a stranger's."""

import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlencode

import msgspec

from edge.sync.plan import Refused
from edge.sync.road import Question, Road, no_centre
from edge.sync.session import Admission, admitted

_LONGEST: Final = 4 * 1_048_576
"""Bytes of one answer: one item of the longest sort, and many short ones."""
MOST: Final = 2**53
"""The largest number of an item that is believed."""
_WORD: Final = re.compile(r"[0-9A-Za-z_.:-]{1,64}")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the centre tells; nothing of its body is believed yet."""

    number: int
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """What the centre tells up to `number`; `newest` is the newest that it has."""

    epoch: str
    number: int
    newest: int
    behind: bool
    items: tuple[Item, ...]
    unread: int = 0
    """Items without a number of their own, of which nothing can be made."""


class _Item(msgspec.Struct):
    number: int
    kind: str
    body: msgspec.Raw


class _Page(msgspec.Struct):
    number: int
    newest: int
    epoch: str
    items: list[msgspec.Raw]
    behind: bool = False


class Feed:
    """The feed of one compound, asked by one thread."""

    def __init__(self, road: Road, session: Admission) -> None:
        self._road = road
        self._session = session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._road.__exit__()

    def ask(self, epoch: str | None, after: int, wait: float) -> Page | Refused:
        """Return what came after number `after`, which is thereby acknowledged.

        Where there is nothing the centre may wait `wait` seconds for it. Raises CentreFault where
        no answer came, or one that leads back or makes no sense.
        """
        words = {"after": after, "wait": f"{wait:g}"}
        if epoch is not None:
            words["epoch"] = epoch
        asked = Question(f"v1/feed?{urlencode(words)}", wait=wait, longest=_LONGEST)
        said = admitted(self._road, self._session, asked)
        if isinstance(said, Refused):
            return said
        return page_of(said.body, epoch, after)


def page_of(body: bytes, epoch: str | None, after: int) -> Page:
    """Return the answer `body` to a question for what came after `after` of feed `epoch`.

    Of another feed than was asked for only its name is believed. Raises CentreFault where it is
    none.
    """
    try:
        said = msgspec.json.decode(body, type=_Page)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise no_centre() from error
    if _WORD.fullmatch(said.epoch) is None:
        raise no_centre()
    if after and said.epoch != epoch:
        return Page(said.epoch, 0, 0, behind=False, items=())
    if not after <= said.number <= said.newest <= MOST:
        raise no_centre()
    read = [_item(each) for each in said.items]
    items = tuple(one for one in read if one is not None)
    if not all(after < one.number <= said.number for one in items):
        raise no_centre()
    once = {one.number: one for one in reversed(items)}
    first = tuple(once[number] for number in dict.fromkeys(one.number for one in items))
    return Page(said.epoch, said.number, said.newest, said.behind, first, len(read) - len(items))


def _item(raw: msgspec.Raw) -> Item | None:
    try:
        one = msgspec.json.decode(raw, type=_Item)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    kind = one.kind if _WORD.fullmatch(one.kind) else "unreadable"
    return Item(one.number, kind, bytes(one.body))
