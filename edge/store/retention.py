"""Retention: how long each class of personal data lives, and its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, union, update

from edge.store import outbox
from edge.store.body import clock_text
from edge.store.pass_tables import double_use, pass_pin, use_elsewhere
from edge.store.tables import (
    car_passage,
    event,
    issued,
    pass_use,
    personal,
    plate_pass,
    restriction,
    revoked,
)
from models.lane import Credential

AT_ONCE = 500
_REGISTERED = ("resident", "unpaired", "already_inside", "ended", "restricted")
"""The reasons that a row about a car on the register has; any other plate is a visitor's."""
_OF_A_PASS = (issued, pass_use, revoked, use_elsewhere, double_use)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each class is kept; the public columns of an event stay for ever."""

    refused_crop: timedelta = timedelta(days=1)
    opened_crop: timedelta = timedelta(days=7)
    visitor: timedelta = timedelta(days=30)
    plate: timedelta = timedelta(days=90)
    """What is kept of cars: the plates of the journal, and where each car was last."""
    log: timedelta = timedelta(days=180)
    ended_pass: timedelta = timedelta(days=30)
    """How long a pass, its uses and its revocation are kept after it expired."""


def crops_to_end(connection: Connection, keep: Retention, now: datetime) -> list[tuple[str, int]]:
    """Return the (journal, seq) of up to AT_ONCE pictures whose time is over."""
    opened = event.c.answer == "opened"
    over = or_(
        and_(~opened, event.c.at < clock_text(now - keep.refused_crop)),
        and_(opened, event.c.at < clock_text(now - keep.opened_crop)),
    )
    return _ended(connection, personal.c.evidence, over)


def parts_to_end(connection: Connection, keep: Retention, now: datetime) -> list[tuple[str, int]]:
    """Return the (journal, seq) of up to AT_ONCE personal parts whose time is over."""
    with_pass = event.c.credential.in_((Credential.PASS.value, Credential.PIN.value))
    plate = event.c.credential.is_not_distinct_from(Credential.PLATE.value)
    visitor = or_(with_pass, and_(plate, event.c.reason.not_in(_REGISTERED)))
    over = or_(
        event.c.at < clock_text(now - keep.log),
        and_(visitor, event.c.at < clock_text(now - keep.visitor)),
        and_(plate, event.c.at < clock_text(now - keep.plate)),
    )
    return _ended(connection, personal.c.seq > 0, over)


def passes_to_end(connection: Connection, keep: Retention, now: datetime) -> list[str]:
    """Return the ids of up to AT_ONCE passes that expired long enough ago."""
    over = clock_text(now - keep.ended_pass)
    ids = union(*(select(one.c.pass_id).where(one.c.expires < over) for one in _OF_A_PASS))
    return list(connection.execute(ids.limit(AT_ONCE)).scalars())


def end_passes(connection: Connection, ids: Sequence[str]) -> None:
    """Delete all that is kept of these passes."""
    for one in (*_OF_A_PASS, plate_pass, pass_pin):
        connection.execute(delete(one).where(one.c.pass_id.in_(ids)))


def cars_are_over(connection: Connection, keep: Retention, now: datetime) -> bool:
    """Return whether `end_cars` has anything to do."""
    over = _over(keep, now)
    return any(connection.execute(select(one).where(one).limit(1)).first() for one in over)


def end_cars(connection: Connection, keep: Retention, now: datetime) -> None:
    """Delete where cars were too long ago, and what kept a car out until too long ago."""
    passed, ended = _over(keep, now)
    connection.execute(delete(car_passage).where(passed))
    connection.execute(delete(restriction).where(ended))


def _over(keep: Retention, now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        car_passage.c.at < clock_text(now - keep.plate),
        restriction.c.until < (now - keep.ended_pass).date().isoformat(),
    )


def end_crops(connection: Connection, events: Sequence[tuple[str, int]]) -> None:
    """Note that the pictures of these events are gone."""
    seqs = [seq for _, seq in events]
    connection.execute(update(personal).where(personal.c.seq.in_(seqs)).values(evidence=False))


def end_parts(connection: Connection, events: Sequence[tuple[str, int]]) -> None:
    """Delete the personal parts of these events with their salts, and what still waits of them."""
    seqs = [seq for _, seq in events]
    outbox.forget_events(connection, seqs)
    connection.execute(delete(personal).where(personal.c.seq.in_(seqs)))


def _ended(
    connection: Connection, which: ColumnElement[bool], over: ColumnElement[bool]
) -> list[tuple[str, int]]:
    rows = connection.execute(
        select(event.c.journal, event.c.seq)
        .join(personal, personal.c.seq == event.c.seq)
        .where(which, over)
        .order_by(event.c.seq)
        .limit(AT_ONCE)
    )
    return [(row.journal, row.seq) for row in rows]
