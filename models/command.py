"""Commands and reports: what we ask of a relay, and what it says happened."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a relay can be asked to do."""

    OPEN = "open"
    CLOSE = "close"


class Position(StrEnum):
    """Where a relay says that its barrier is."""

    CLOSED = "closed"
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Command:
    """One wish, made once: `cmd_id` is 32 hex digits, `deadline` seconds of CLOCK_MONOTONIC.

    It is never queued, never retained, never sent again.
    """

    cmd_id: str
    lane: int
    relay: str
    action: Action
    seq: int
    deadline: float


class Outcome(StrEnum):
    """What became of a command."""

    DONE = "done"
    """The relay did it and says so."""
    REFUSED = "refused"
    """The relay got it and would not; `why` says the rule."""
    TIMED_OUT = "timed_out"
    """No answer by the deadline and 200 ms: the barrier is unknown."""
    AWAY = "away"
    """It was never sent: no broker, or no fresh heartbeat."""
    UNKNOWN = "unknown"
    """Nobody waited for the answer: this machine stopped between command and report."""


class Refusal(StrEnum):
    """Why a relay refuses a command (docs/mqtt.md)."""

    EPOCH = "epoch"
    DEADLINE = "deadline"
    SEQ = "seq"
    MAC = "mac"
    RETAINED = "retained"
    PRESENCE = "presence"
    FIRE = "fire"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Report:
    """What happened to one command; `at` is seconds of CLOCK_MONOTONIC here."""

    cmd_id: str
    relay: str
    lane: int
    outcome: Outcome
    position: Position
    at: float
    why: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """The command that a decision leads to, as the journal keeps it before anything is sent.

    `cmd_id` is 32 hex digits, `deadline` seconds of CLOCK_MONOTONIC.
    """

    cmd_id: str
    lane: int
    relay: str
    action: Action
    seq: int
    deadline: float
