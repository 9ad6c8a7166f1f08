"""Consents: what a resident agreed to, and when it was taken back."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, ScalarSelect, func, insert, select, update

from edge.store.body import clock_text
from edge.store.tables import consent
from models.registry import Consent


class Purpose(StrEnum):
    """What a consent is for; each is asked for, and withdrawn, on its own."""

    FACE = "face"
    """To be known by face."""
    LEARNING = "learning"
    """That templates are made of passages, too."""
    PLATE = "plate"
    CARD = "card"


def give(connection: Connection, resident_id: str, given: Consent, purpose: Purpose) -> None:
    """Write down a consent, in place of any that stands for the same."""
    withdraw(connection, resident_id, given.at, purpose)
    connection.execute(
        insert(consent),
        {
            "resident": resident_id,
            "version": given.version,
            "at": clock_text(given.at),
            "channel": given.channel,
            "by": given.by,
            "guardian": given.guardian,
            "purpose": purpose.value,
        },
    )


def withdraw(
    connection: Connection, resident_id: str, at: datetime, purpose: Purpose | None = None
) -> None:
    """Mark a resident's consents as withdrawn: those for `purpose`, or all that rest on a face."""
    ended = _ON_A_FACE if purpose is None else (purpose.value,)
    chosen = (
        consent.c.resident == resident_id,
        consent.c.withdrawn.is_(None),
        consent.c.purpose.in_(ended),
    )
    connection.execute(update(consent).where(*chosen).values(withdrawn=clock_text(at)))


def stands(connection: Connection, resident_id: str, purpose: Purpose) -> bool:
    """Return whether a consent for `purpose` was given and not taken back."""
    chosen = (
        consent.c.resident == resident_id,
        consent.c.withdrawn.is_(None),
        consent.c.purpose == purpose.value,
    )
    return connection.execute(select(consent.c.id).where(*chosen).limit(1)).first() is not None


def learners(connection: Connection) -> frozenset[str]:
    """Return the ids of those whose passages may be learnt from."""
    query = select(consent.c.resident).where(*_LEARNING)
    return frozenset(connection.execute(query).scalars())


def learning_since(resident: ColumnElement[str]) -> ScalarSelect[str]:
    """Return, as a part of a query, since when a resident's passages may be learnt from.

    It is null for whoever has not agreed, or no longer does.
    """
    since = select(func.max(consent.c.at)).where(consent.c.resident == resident, *_LEARNING)
    return since.scalar_subquery()


_ON_A_FACE = (Purpose.FACE.value, Purpose.LEARNING.value)
_LEARNING = (consent.c.purpose == Purpose.LEARNING.value, consent.c.withdrawn.is_(None))
