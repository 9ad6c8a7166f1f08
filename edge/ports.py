"""What the lanes need of the world. Adapters satisfy these by shape."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gate.counting import Count
from models.card import CardRead
from models.command import Command, Intent, Report
from models.decision import Decision
from models.event import EventKind
from models.facts import Facts
from models.lane import Direction
from models.moment import Moment
from models.observation import GuardPressed, Observation
from models.pin import PinRead
from models.sensor import Reading
from models.signal import Signal
from models.standing import Order


class Clock(Protocol):
    """The one reader of clocks."""

    def now(self) -> Moment:
        """Return this moment."""


Heard = Report | Reading | CardRead | PinRead
"""What comes back from a relay, or from a card reader or keypad."""

Hear = Callable[[Heard], None]


class Relays(Protocol):
    """Every relay of the site behind one broker."""

    def last_seq(self, relay: str) -> int | None:
        """Return the last sequence number that `relay` took, or None while it is away."""

    def send(self, command: Command) -> None:
        """Ask once.

        Raises RelayFault at once when the broker or the relay is away.
        """

    def signal(self, lane: int, signal: Signal) -> None:
        """Show an answer on the lane's lamp and buzzer, if it can be done now."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts of one observation, and the words by which a guard knows the person."""

    facts: Facts
    who: str | None = None
    home: str | None = None


class Gather(Protocol):
    """Looks up all that is known about an observation."""

    def __call__(self, seen: Observation, now: Moment) -> Gathered:
        """Return the facts of `seen`.

        Raises StoreFault when the register cannot be read.
        """


class Ledger(Protocol):
    """The journal as a lane writes it. Every call returns once the row is durable.

    All of them raise StoreFault when the row could not be made durable; nothing is left of it then.
    """

    def record(  # noqa: PLR0913 - one transaction, and all that goes into it
        self,
        seen: Observation,
        facts: Facts,
        decision: Decision,
        now: Moment,
        *,
        intent: Intent | None,
        crop: bytes | None,
        policy: str,
        who: str | None,
        home: str | None,
        wait: float,
    ) -> int:
        """Record a decision, the use and the command that it leads to; return its seq.

        What is not durable after `wait` seconds failed: should the disk take it later all the same,
        it is reported as unknown.
        """

    def outcome(self, report: Report, event_seq: int, ms: int | None, now: Moment) -> int:
        """Record what became of the command of event `event_seq`; return the seq."""

    def passage(self, event_seq: int, passed: bool, now: Moment) -> int:  # noqa: FBT001 - the fact itself
        """Record whether anybody went through after the opening of `event_seq`."""

    def told_count(self, lane: int) -> Count | None:
        """Return the relay's count up to which the journal tells of everybody at a lane."""

    def through(
        self,
        lane: int,
        ways: Sequence[tuple[Direction | None, int | None]],
        anew: Count | None,
        now: Moment,
    ) -> int:
        """Record who went through without a row of their own, by direction and opening.

        With `anew` the relay counts from the start again, and everybody up to that count is told
        of. Returns the newest row, 0 where there was none to write.
        """

    def late(self, seen: GuardPressed, at: datetime, now: Moment) -> int:
        """Record an opening by hand of moment `at` that could not be recorded then."""

    def note(
        self,
        kind: EventKind,
        reason: str,
        now: Moment,
        *,
        lane: int | None = None,
        who: str | None = None,
        text: str | None = None,
    ) -> int:
        """Record something that is no decision."""

    def stand(self, lane: int, order: Order | None, guard: str, now: Moment) -> int:
        """Record what a guard orders to stand at a lane, None to end it; return the seq."""

    def standing(self, lane: int) -> Order | None:
        """Return what stands at a lane, or None; it outlives a restart."""

    def next_seq(self, relay: str, last_seq: int) -> int:
        """Return the next command number of `relay`: above all that are stored and `last_seq`."""


Errand = Callable[[Callable[[], int]], "Future[int]"]
"""Begins a piece of work that a lane must not wait for, and returns where its end will be told."""


def at_once(work: Callable[[], int]) -> "Future[int]":
    """Return the end of `work`, which has been done here and now."""
    end: Future[int] = Future()
    try:
        end.set_result(work())
    except Exception as error:  # noqa: BLE001 - handed to whoever asks for the result
        end.set_exception(error)
    return end


def no_sign(lane: int, signal: Signal, seen: Observation) -> None:
    """Show nothing: a site without displays."""


@dataclass(frozen=True, slots=True)
class World:
    """All that a lane needs from outside itself."""

    clock: Clock
    gather: Gather
    ledger: Ledger
    relays: Relays
    show: Callable[[int, Signal | None, str, int], None]
    """Tell the lane's screens: lane, signal (None: nothing more to say), reason, seq."""
    announce: Callable[[int], None]
    """A journal row is new or has changed."""
    errand: Errand = at_once
    counted: frozenset[int] = frozenset()
    """Lanes of a stay zone whose loops count: nobody goes through those untold."""
    sign: Callable[[int, Signal, Observation], None] = no_sign
    """Show and say on the lane's board what one who was answered is to know."""
