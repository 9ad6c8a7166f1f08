"""The register's cards: the keyed hash of each number, whose it is, and until when."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from edge.store.body import clock_text
from edge.store.prepared import Prepared
from edge.store.tables import card
from models.card import Card
from models.errors import InputError

_COLUMNS = tuple(card.c[name] for name in ("number", "resident", "label", "until"))
_ONE = Prepared(select(*_COLUMNS).where(card.c.number == bindparam("wanted")))


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card as it is listed; `card_id` names it without its number."""

    card_id: str
    card: Card


def add(connection: Connection, one: Card, by: str, at: datetime) -> str:
    """Write a new card and return its id; raises InputError for one that is on the register."""
    if of_number(connection, one.card) is not None:
        message = "this card is on the register; `kuahu card list` shows it, remove it first"
        raise InputError(message, "card_taken")
    card_id = secrets.token_hex(4)
    connection.execute(
        insert(card),
        {
            "id": card_id,
            "number": one.card,
            "resident": one.resident,
            "label": one.label,
            "until": None if one.until is None else one.until.isoformat(),
            "by": by,
            "added": clock_text(at),
        },
    )
    return card_id


def all_of(connection: Connection) -> tuple[CardRow, ...]:
    """Return every card, by its holder and label."""
    rows = connection.execute(
        select(card.c.id, *_COLUMNS).order_by(card.c.resident, card.c.label, card.c.id)
    )
    return tuple(_row(row) for row in rows)


def of_residents(connection: Connection, holders: Sequence[str]) -> tuple[CardRow, ...]:
    """Return the cards of some residents, by holder and label."""
    rows = connection.execute(
        select(card.c.id, *_COLUMNS)
        .where(card.c.resident.in_(holders))
        .order_by(card.c.resident, card.c.label, card.c.id)
    )
    return tuple(_row(row) for row in rows)


def of_number(connection: Connection, number: str) -> Card | None:
    """Return the card with this keyed hash, or None."""
    row = _ONE.row(connection, (number,))
    return None if row is None else Card(row[0], row[1], row[2], _day(row[3]))


def remove(connection: Connection, card_id: str) -> Card:
    """Delete a card and return it; raises InputError where there is none."""
    found = next((row.card for row in all_of(connection) if row.card_id == card_id), None)
    if found is None:
        message = f"there is no card {card_id!r}; see `kuahu card list`"
        raise InputError(message)
    drop(connection, card_id)
    return found


def drop(connection: Connection, card_id: str) -> None:
    """Delete a card, if it is there."""
    connection.execute(delete(card).where(card.c.id == card_id))


def drop_of(connection: Connection, resident_id: str) -> None:
    """Delete all cards of a resident."""
    connection.execute(delete(card).where(card.c.resident == resident_id))


def _row(row: Row[Any]) -> CardRow:
    return CardRow(row.id, Card(row.number, row.resident, row.label, _day(row.until)))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
