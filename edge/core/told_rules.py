"""What a word of the centre must be before it is applied: the rules that all items share."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, NoReturn

from edge.core.pass_keys import PassKeys
from edge.ports import Clock
from edge.store.store import Store
from models.errors import InputError
from models.event import EventKind
from models.registry import Resident

RESIDENT_ID: Final = re.compile(r"[0-9a-f]{16}")
PASS_ID: Final = re.compile(r"[0-9a-f]{32}")
REQUEST_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
KEY: Final = re.compile(r"[0-9a-f]{64}")
LONGEST_NAME: Final = 80
BY_PHONE: Final = frozenset({"phone", "shared_phone"})
"""Channels of a consent that was given on a phone: one's own, or another member's."""
_LATEST: Final = date(2200, 1, 1)


class Unusable(InputError):  # noqa: N818 - it is what an item is
    """An item that cannot be applied; `word` says why, to the centre."""

    def __init__(self, word: str) -> None:
        super().__init__(f"the centre told something that cannot be used: {word}")
        self.word = word


@dataclass(frozen=True, slots=True)
class Grounds:
    """What is known of the own site when the centre's word is looked at."""

    store: Store
    clock: Clock
    compound: str
    lanes: frozenset[int]
    keys: PassKeys
    refresh: Callable[[], None]
    """Send the gallery again."""
    announce: Callable[[int], None]
    """A journal row is new."""

    def note(self, reason: str, who: str) -> None:
        """Write into the journal what was done, and show it."""
        now = self.clock.now()
        self.announce(self.store.note(EventKind.ADMIN, reason, now, who=who))


def must_have(store: Store, resident_id: str) -> Resident:
    """Return somebody of this compound's register; raises Unusable for anybody else."""
    found = store.resident(resident_id) if RESIDENT_ID.fullmatch(resident_id) else None
    if found is None:
        refuse("unknown_resident")
    return found


def may_decide(store: Store, person: Resident, by: str) -> None:
    """Raise Unusable unless `by` may agree to something for `person`.

    For a child that is the guardian alone; for anybody else the person, or a member of the same
    home on whose phone the person does so.
    """
    asker = must_have(store, by)
    guardian = store.exchange.guardian_of(person.resident_id)
    if asker.home != person.home:
        refuse("home")
    if guardian is not None and by != guardian:
        refuse("guardian")


def last_day(wanted: date | None, longest: date | None) -> date | None:
    """Return the last day that is given: nobody gives a right that outlives their own."""
    if wanted is not None and wanted > _LATEST:
        refuse("time")
    if wanted is None or longest is None:
        return wanted or longest
    return min(wanted, longest)


def fit(shape: re.Pattern[str], text: str, word: str) -> None:
    """Raise Unusable with `word` for a text of another shape."""
    if shape.fullmatch(text) is None:
        refuse(word)


def refuse(word: str, cause: Exception | None = None) -> NoReturn:
    """Raise Unusable."""
    raise Unusable(word) from cause
