"""What an edge hands in and what it is told: the far end's own words (docs/centre.md)."""

from dataclasses import dataclass
from typing import Final

FORK: Final = "fork"
"""Why an event with a known number and another hash is put aside: two journals claim one number."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One usable event as it came; `at` is microseconds since 1970 UTC, `body` the JSON as sent.

    `before` is the hash of the row before it in its journal, where the edge says it; `resident`
    whom the body names: a resident, a pass's host or a vehicle.
    """

    journal: str
    seq: int
    row_hash: str
    at: int
    kind: str
    lane: int | None
    before: str | None
    body: str
    resident: str | None = None


@dataclass(frozen=True, slots=True)
class Poison:
    """One row that is no event: what of its key could be read, why it is none, and its text."""

    journal: str | None
    seq: int | None
    row_hash: str | None
    why: str
    text: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request hands in, in its own order."""

    edge: str
    rows: tuple[Arrival | Poison, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """One row that was put aside: it is kept and shown, and is never safe.

    `index` is its place in the request, so that a row without a readable key can be named too.
    """

    index: int
    journal: str | None
    seq: int | None
    row_hash: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a request achieved, told only once it is on the disk."""

    safe: tuple[tuple[str, int], ...]
    quarantined: tuple[Aside, ...]
