"""Rows, lanes and faults as the guard's page shows them: plain words, a tone, and what can be done.

The tone is one of `ok`, `no`, `ask` and `wait`; it chooses a colour and a symbol, never alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from edge import wire
from edge.web.words import Words
from gate.barrier import State
from models.command import Outcome
from models.decision import Reason
from models.event import Event, EventKind
from models.lane import Credential
from models.standing import Standing

_EXPECTED = frozenset({Reason.RESIDENT, Reason.VISITOR, Reason.GUARD})
_RESETTABLE = frozenset({State.HELD_FIRE, State.UNKNOWN, State.FAULT, State.OBSTRUCTED})
_TONE_OF_BARRIER: Mapping[str, str] = {
    State.OPEN: "ok",
    State.OPENING: "wait",
    State.CLOSING: "wait",
    State.CLOSED: "calm",
    State.HELD_FIRE: "no",
    State.HELD_GUARD: "ask",
}
_OF_KIND: Mapping[str, str] = {
    EventKind.CALL: "ask",
    EventKind.FAULT: "ask",
    EventKind.ALERT: "ask",
}
_CHIMES = frozenset({EventKind.CALL, EventKind.ALERT})
_DEALS_WITH = frozenset({Credential.GUARD, Credential.CARD, Credential.PASS})
"""Whose row may deal with a refused one: the guard's, and that of a face's second factor."""
_MOVED = frozenset({State.OPENING, State.OPEN, State.CLOSING})


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the log."""

    key: str
    journal: str
    seq: int
    kind: str
    at: datetime
    version: str
    """Changes whenever the row reads differently."""
    lane: int | None
    place: str
    direction: str
    tone: str
    answer: str
    reason: str
    who: str
    home: str
    credential: str
    note: str
    evidence: bool
    ms: int | None
    chimes: bool
    opens: bool
    """Whether the row carries the button to open."""
    answered: bool
    answers: int | None
    mistaken: bool = False
    """Whether the row carries the button "not this person"."""
    teaches: bool = False
    """Whether it carries the button "that is this person"."""

    @property
    def said(self) -> str:
        """The row in one breath, for a screen reader."""
        return " ".join(part for part in (self.place, self.answer, self.reason, self.who) if part)


@dataclass(frozen=True, slots=True)
class StandingView:
    """What stands at a lane by a guard's order."""

    title: str
    tone: str
    symbol: str
    guard: str
    why: str
    since: str


@dataclass(frozen=True, slots=True)
class TileView:
    """How one lane is, on its tile."""

    number: int
    tone: str
    symbol: str
    barrier: str
    occupied: bool
    relay_ok: bool
    warning: str
    resets: bool
    standing: StandingView | None


@dataclass(frozen=True, slots=True)
class FaultView:
    """One thing that is wrong."""

    ailment: str
    """The word of edge/ailment.py."""
    part: str
    headline: str
    advice: str
    text: str
    """What core says, in English."""
    to_do: str
    """What core advises, in English."""
    since: str


def row_view(
    event: Event, words: Words, places: Mapping[int, str], zone: tzinfo, *, answered: bool
) -> RowView:
    """Return `event` in `words`; times are in the site's `zone`."""
    tone, answer = _answer(event, words)
    has_lane = event.lane is not None
    place = places.get(event.lane, str(event.lane)) if event.lane is not None else ""
    return RowView(
        key=f"{event.journal[:8]}-{event.seq}",
        journal=event.journal[:8],
        seq=event.seq,
        kind=event.kind,
        at=event.at.astimezone(zone),
        version=f"{event.answer}.{event.outcome}.{event.ms}.{event.evidence}.{answered}",
        lane=event.lane,
        place=place,
        direction=event.direction or "",
        tone=tone,
        answer=answer,
        reason=_reason(event, words),
        who=event.who or "",
        home=event.home or "",
        credential=words.of("credential", event.credential) if event.credential else "",
        note=event.note or "",
        evidence=event.evidence,
        ms=event.ms,
        chimes=tone == "no" or event.answer == "asked" or event.kind in _CHIMES,
        opens=has_lane and tone in {"no", "ask"} and event.kind is not EventKind.ALERT,
        answered=answered,
        answers=event.answers if event.credential in _DEALS_WITH else None,
        mistaken=event.credential is Credential.FACE and bool(event.who) and event.evidence,
        teaches=event.learnable,
    )


def _answer(event: Event, words: Words) -> tuple[str, str]:
    """Return an event's tone and its answer in words."""
    if event.kind not in {EventKind.DECISION, EventKind.LATE}:
        return _OF_KIND.get(event.kind, "calm"), words.of("kind", event.kind)
    if event.answer != "opened":
        return ("no" if event.answer == "refused" else "ask"), words.of("answer", event.answer)
    if event.kind is EventKind.LATE:
        return "ok", words.of("kind", "late")
    if event.outcome is None:
        return "wait", words.of("answer", "opening")
    if event.outcome != Outcome.DONE:
        return "no", words.of("outcome", event.outcome)
    return ("ok" if event.reason in _EXPECTED else "ask"), words.of("answer", "opened")


def _reason(event: Event, words: Words) -> str:
    if event.kind is EventKind.START:
        return ""
    if event.why is not None:
        return words.of("guard_reason", event.why)
    for vocabulary in ("reason", "note", "part"):
        if words.knows(vocabulary, event.reason):
            return words.of(vocabulary, event.reason)
    return event.reason


def tile_view(
    lane: wire.LaneState, troubled: Mapping[str, str], words: Words, zone: tzinfo
) -> TileView:
    """Return how `lane` is; `troubled` gives the state of each camera that is not well."""
    barrier = words.of("barrier", lane.barrier)
    if not lane.measured and lane.barrier in _MOVED:
        barrier = words.of("barrier", "pulse_sent")
    warning = "" if lane.relay_ok else words.of("outcome", "away")
    for camera in lane.cameras:
        if not warning and camera in troubled:
            warning = words.of("camera", troubled[camera])
    tone = _TONE_OF_BARRIER.get(lane.barrier, "no") if lane.relay_ok else "no"
    return TileView(
        number=lane.number,
        tone=tone,
        symbol=_symbol(lane.barrier),
        barrier=barrier,
        occupied=lane.occupied,
        relay_ok=lane.relay_ok,
        warning=warning,
        resets=lane.barrier in _RESETTABLE,
        standing=_standing(lane.standing, words, zone) if lane.standing else None,
    )


def _standing(line: wire.StandingLine, words: Words, zone: tzinfo) -> StandingView:
    locked = line.what == Standing.LOCK_DOWN
    return StandingView(
        title=words.of("standing", line.what),
        tone="no" if locked else "ask",
        symbol="lock" if locked else "hand",
        guard=line.guard,
        why=line.why,
        since=since(line.since, zone),
    )


def _symbol(barrier: str) -> str:
    if barrier in {State.OPEN, State.OPENING}:
        return "gate-open"
    if barrier in {State.CLOSED, State.CLOSING}:
        return "gate-closed"
    if barrier == State.HELD_FIRE:
        return "flame"
    return "hand" if barrier == State.HELD_GUARD else "alert"


def fault_view(fault: wire.FaultLine, words: Words, zone: tzinfo) -> FaultView:
    """Return `fault` in words: a headline of our own for its ailment, then what core says."""
    kind, _, name = fault.part.partition(" ")
    part = f"{words.of('part', kind)} {name}".strip()
    what = fault.ailment
    headline = words.of("fault", what) if words.knows("fault", what) else ""
    advice = words.of("advice", what) if words.knows("advice", what) else ""
    return FaultView(
        what, part, headline, advice, fault.text, fault.advice, since(fault.since, zone)
    )


def since(text: str, zone: tzinfo) -> str:
    """Return an ISO 8601 time as the site's wall clock shows it; as it is when it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(zone).strftime("%m-%d %H:%M:%S")
