"""The oracle: holds what was promised and what moved against what is on record. Pure.

The gates' ledgers are the truth about what moved, not the product's own file. `judge` returns every
promise that was broken; `sets` sorts the events as Jepsen's total-queue checker does.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from models.command import Action
from models.event import EventKind
from models.sensor import Input
from mqtt_bridge.ledger import Entry
from mqtt_bridge.relay_core import Cause

Key = tuple[str, int]
"""Journal and sequence number of an event."""


class Rule(StrEnum):
    """A promise of the product."""

    LOST = "an acknowledged event is there"
    DROPPED = "a committed event is at the centre or waits for it"
    UNEXPECTED = "the centre holds nothing that was never committed"
    DUPLICATED = "the centre holds each event once"
    FORKED = "the centre holds the event that was committed"
    TWICE = "no command moves a barrier twice"
    LATE = "nothing moves after its deadline, or after its asker was told that it failed"
    ONTO_SOMEONE = "nothing closes unless each presence input is clear"
    UNDECIDED = "each movement by command has a committed decision"
    UNMOVED = "what is recorded as done was done"
    CHAIN = "the hash chain verifies"


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise, and by what."""

    rule: Rule
    what: str


@dataclass(frozen=True, slots=True)
class Row:
    """A committed journal row; `hash` in hex."""

    key: Key
    hash: str
    kind: EventKind
    lane: int | None
    answer: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The command of a committed decision; `deadline` is seconds of CLOCK_MONOTONIC.

    `done` is whether the product says that the relay did it.
    """

    row: Key
    action: Action
    deadline: float
    done: bool = False


@dataclass(frozen=True, slots=True)
class Centre:
    """What a centre holds in order of arrival, and what still waits (or was put aside) here."""

    holds: tuple[tuple[Key, str], ...]
    waiting: frozenset[Key]


@dataclass(frozen=True, slots=True)
class History:
    """A whole run.

    `acknowledged` are the events that somebody was told of as durable; `failed` when an asker was
    told that a command had failed; `presence` the wired presence inputs of each relay.
    """

    acknowledged: frozenset[Key]
    journal: tuple[Row, ...]
    decided: Mapping[str, Decided]
    moved: frozenset[str] = frozenset()
    actuations: tuple[Entry, ...] = ()
    failed: Mapping[str, float] = field(default_factory=dict)
    presence: Mapping[str, frozenset[Input]] = field(default_factory=dict)
    centre: Centre | None = None
    broken: str = ""
    """What `kuahu verify` says is wrong with the chain; empty where it holds."""


@dataclass(frozen=True, slots=True)
class Sets:
    """The events of a run: `recovered` were committed, but their asker never heard so."""

    lost: frozenset[Key]
    unexpected: frozenset[Key]
    duplicated: frozenset[Key]
    recovered: frozenset[Key]


def sets(history: History) -> Sets:
    """Return the events of a run, sorted."""
    committed = frozenset(row.key for row in history.journal)
    held = [key for key, _ in history.centre.holds] if history.centre else []
    return Sets(
        lost=history.acknowledged - committed,
        unexpected=frozenset(held) - committed,
        duplicated=frozenset(key for key, count in Counter(held).items() if count > 1),
        recovered=committed - history.acknowledged,
    )


def judge(history: History) -> tuple[Violation, ...]:
    """Return every broken promise, by rule."""
    return tuple(
        Violation(rule, what) for rule, found in RULES.items() for what in sorted(found(history))
    )


def _lost(history: History) -> Iterator[str]:
    return (str(key) for key in sets(history).lost)


def _dropped(history: History) -> Iterator[str]:
    if history.centre is not None:
        safe = {key for key, _ in history.centre.holds} | history.centre.waiting
        yield from (str(row.key) for row in history.journal if row.key not in safe)


def _unexpected(history: History) -> Iterator[str]:
    return (str(key) for key in sets(history).unexpected)


def _duplicated(history: History) -> Iterator[str]:
    return (str(key) for key in sets(history).duplicated)


def _forked(history: History) -> Iterator[str]:
    hashes = {row.key: row.hash for row in history.journal}
    for key, value in history.centre.holds if history.centre else ():
        if hashes.get(key, value) != value:
            yield f"{key}: {value} at the centre, {hashes[key]} here"


def _twice(history: History) -> Iterator[str]:
    counts = Counter(entry.cmd_id for entry in _commanded(history))
    return (f"{cmd_id} moved {count} times" for cmd_id, count in counts.items() if count > 1)


def _late(history: History) -> Iterator[str]:
    for entry in _commanded(history):
        by = history.decided.get(entry.cmd_id or "")
        ends = [by.deadline] if by is not None else []
        ends += [at for cmd_id, at in history.failed.items() if cmd_id == entry.cmd_id]
        if ends and entry.t > min(ends):
            yield f"{entry.cmd_id} moved {entry.t - min(ends):.3f} s late"


def _onto_someone(history: History) -> Iterator[str]:
    for entry in history.actuations:
        wired = history.presence.get(entry.relay, frozenset())
        taken = [name for name in sorted(wired) if entry.inputs.get(name, True)]
        if entry.action is Action.CLOSE and taken:
            yield f"{entry.cmd_id} closed {entry.relay} with {', '.join(taken)} not clear"


def _undecided(history: History) -> Iterator[str]:
    committed = {row.key for row in history.journal if row.answer == "opened"}
    owed = Counter(row.lane for row in history.journal if row.kind is EventKind.LATE)
    for entry in _commanded(history):
        by = history.decided.get(entry.cmd_id or "")
        if by is not None and by.row in committed and by.action is entry.action:
            continue
        if entry.cmd_id in history.moved:
            continue
        if entry.action is Action.OPEN and owed[entry.lane] > 0:
            owed[entry.lane] -= 1
            continue
        yield f"{entry.relay} moved ({entry.action}) by {entry.cmd_id}, which nobody decided"


def _unmoved(history: History) -> Iterator[str]:
    moved = {entry.cmd_id for entry in history.actuations}
    for cmd_id, by in history.decided.items():
        if by.done and cmd_id not in moved:
            yield f"{by.row} is recorded as done, but {cmd_id} moved nothing"


def _chain(history: History) -> Iterator[str]:
    if history.broken:
        yield history.broken


def _commanded(history: History) -> tuple[Entry, ...]:
    return tuple(entry for entry in history.actuations if entry.cause is Cause.COMMAND)


RULES: dict[Rule, Callable[[History], Iterator[str]]] = {
    Rule.LOST: _lost,
    Rule.DROPPED: _dropped,
    Rule.UNEXPECTED: _unexpected,
    Rule.DUPLICATED: _duplicated,
    Rule.FORKED: _forked,
    Rule.TWICE: _twice,
    Rule.LATE: _late,
    Rule.ONTO_SOMEONE: _onto_someone,
    Rule.UNDECIDED: _undecided,
    Rule.UNMOVED: _unmoved,
    Rule.CHAIN: _chain,
}
