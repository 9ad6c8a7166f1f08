"""The personal part of an event, JSON in a side row: what a decision knew and whom it names."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from models.decision import Decision
from models.errors import InputError
from models.facts import Facts
from models.moment import Moment
from models.observation import (
    CardShown,
    FaceSeen,
    GuardPressed,
    GuardReason,
    Observation,
    PassShown,
    PinEntered,
    PlateSeen,
)

_KINDS: dict[str, type[Observation]] = {
    "face": FaceSeen,
    "pass": PassShown,
    "pin": PinEntered,
    "plate": PlateSeen,
    "card": CardShown,
    "guard": GuardPressed,
}


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that one decision was made from, and the decision."""

    seen: Observation
    facts: Facts
    decision: Decision
    now: Moment


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """The personal part; `seen` is decoded by `sort`, `crop` is the SHA-256 of the picture."""

    sort: str | None = None
    seen: msgspec.Raw = msgspec.Raw(b"null")
    facts: Facts | None = None
    decision: Decision | None = None
    now: Moment | None = None
    who: str | None = None
    home: str | None = None
    note: str | None = None
    why: GuardReason | None = None
    crop: str | None = None
    person: str | None = None


class Names(msgspec.Struct, frozen=True):
    """The few fields of a body that a log page needs."""

    who: str | None = None
    home: str | None = None
    note: str | None = None
    why: GuardReason | None = None


def body_of(case: Case, *, who: str | None, home: str | None, crop: bytes | None) -> Body:
    """Return the personal part of a decision."""
    seen = without_token(case.seen)
    return Body(
        sort=sort_of(seen),
        seen=msgspec.Raw(encode(seen)),
        facts=case.facts,
        decision=case.decision,
        now=case.now,
        who=who,
        home=home,
        note=(seen.note or None) if isinstance(seen, GuardPressed) else None,
        why=seen.why if isinstance(seen, GuardPressed) else None,
        crop=None if crop is None else sha256(crop).hexdigest(),
        person=person_of(case),
    )


def late_body(seen: GuardPressed) -> Body:
    """Return the personal part of a hand-open that is recorded after it happened."""
    return Body(
        sort="guard",
        seen=msgspec.Raw(encode(seen)),
        who=seen.guard,
        note=seen.note or None,
        why=seen.why,
    )


def person_of(case: Case) -> str | None:
    """Return the id of whom a decision is about: a resident, a pass's host, or a vehicle.

    What is kept under a vehicle's id goes when the vehicle goes, at the latest with its resident.
    """
    claims = case.facts.claims
    match case.seen:
        case FaceSeen(resident=resident):
            return resident
        case PlateSeen() if case.facts.vehicle is not None:
            return case.facts.vehicle.vehicle_id
        case PassShown() | PinEntered() | PlateSeen():
            return None if claims is None else claims.host
        case CardShown():
            return None if case.facts.card is None else case.facts.card.resident
        case GuardPressed():
            return None


def without_token(seen: Observation) -> Observation:
    """Return the observation with a shown code replaced by its SHA-256.

    A pass opens for whoever holds its text, so the journal must not hold it; decisions read the
    facts, never the text.
    """
    if not isinstance(seen, PassShown):
        return seen
    text = sha256(seen.text.encode("utf-8", "surrogatepass")).hexdigest()
    return replace(seen, text=f"sha256:{text}")


def case_of(body: Body) -> Case | None:
    """Return what a decision was made from; None for a body that is not a decision's.

    Raises ValueError when the words have changed so that it cannot be read any more.
    """
    kind = None if body.sort is None else _KINDS.get(body.sort)
    if kind is None or body.facts is None or body.decision is None or body.now is None:
        return None
    seen = msgspec.json.decode(body.seen, type=kind)
    return Case(seen, body.facts, body.decision, body.now)


def sort_of(seen: Observation) -> str:
    """Return the stored word for a kind of observation."""
    return next(word for word, kind in _KINDS.items() if isinstance(seen, kind))


def encode(value: object) -> bytes:
    """Return `value` as JSON.

    Raises InputError for text that is not Unicode (a lone surrogate), which no file can keep.
    """
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError as error:
        message = f"the text {error.object!r} is not Unicode and cannot be kept"
        raise InputError(message) from error


def decode_body(content: bytes) -> Body:
    """Return the personal part in `content`; raises ValueError when it cannot be read."""
    return msgspec.json.decode(content, type=Body)


def decode_names(content: bytes) -> Names:
    """Return what a log page shows of the personal part; all None when it cannot be read."""
    try:
        return msgspec.json.decode(content, type=Names)
    except msgspec.DecodeError:
        return Names()


def clock_text(at: datetime) -> str:
    """Return a time as the store keeps it: UTC, ISO 8601, always with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def clock_of(text: str) -> datetime:
    """Return the time that `clock_text` wrote."""
    return datetime.fromisoformat(text)
