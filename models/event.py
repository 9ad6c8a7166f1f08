"""An event: something that happened here, numbered, never changed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.lane import Credential, Direction
from models.observation import GuardReason


class EventKind(StrEnum):
    """What sort of thing happened."""

    DECISION = "decision"
    REPORT = "report"
    LATE = "late"
    """A guard's opening that could not be recorded when it happened."""
    PASSAGE = "passage"
    """What the sensors saw after an opening."""
    MOVE = "move"
    """A movement by rule: closing behind a passage, opening again for someone below."""
    ADMIN = "admin"
    """A change of register, passes or users."""
    FAULT = "fault"
    CALL = "call"
    """Someone pressed "call the guard"."""
    ALERT = "alert"
    """Something at a lane that is no decision and that a guard should look at."""
    START = "start"


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the journal as shown to people; personal parts are None once erased."""

    journal: str
    seq: int
    kind: EventKind
    at: datetime
    lane: int | None
    direction: Direction | None
    credential: Credential | None
    answer: str
    """`opened`, `refused`, `asked`, or the outcome word of a report."""
    reason: str
    who: str | None = None
    home: str | None = None
    evidence: bool = False
    ms: int | None = None
    """Capture to relay report, in milliseconds; filled once the report is in."""
    outcome: str | None = None
    answers: int | None = None
    note: str | None = None
    why: GuardReason | None = None
    """Why a guard opened by hand."""
    learnable: bool = False
    """Whether its picture may become a template of `who`, who agreed, once a guard confirms it."""
