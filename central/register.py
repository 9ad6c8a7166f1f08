"""The register as the gates tell it: one letter after another, written into the centre's tables."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, or_, select, update

from central.database import insert_new, upsert
from central.moments import microseconds
from central.passes.making import forget_passes
from central.register_tables import (
    HOME_CLAIMS,
    NOT_APPLIED,
    PASS_USES,
    PHOTO_ANSWERS,
    RECEIPTS,
    RESIDENTS,
    SITES,
    VEHICLES,
)
from central.tables import FEED
from models.letter import (
    Erased,
    Exported,
    HomeClaim,
    NotApplied,
    PassUsed,
    PhotoAnswer,
    PhotoAnswered,
    ResidentGone,
    ResidentNow,
    Said,
    SiteNow,
    VehicleGone,
    VehicleNow,
)

_NO_RESIDENT = dict.fromkeys(("name", "home", "kind", "until", "allowed", "face", "guardian"))
_NO_VEHICLE = dict.fromkeys(("resident", "plate", "until"))
_PHOTO = "sealed_photo"


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes, and where: a connection in a transaction, an edge, and the letter's number."""

    connection: Connection
    edge: str
    compound: str
    now: datetime
    number: int = 0


def apply(hand: Hand, said: Said) -> None:
    """Write what one letter says; an older letter that comes late changes no newer row."""
    match said:
        case SiteNow():
            _site(hand, said)
        case ResidentNow():
            _resident(hand, said)
        case ResidentGone(resident_id) | Erased(resident_id):
            _row(hand, RESIDENTS, {"resident": resident_id, "gone": True, **_NO_RESIDENT})
            claims = (HOME_CLAIMS.c.compound == hand.compound) & (
                HOME_CLAIMS.c.resident == resident_id
            )
            hand.connection.execute(delete(HOME_CLAIMS).where(claims))
            if _is_gone(hand, resident_id):
                forget_passes(hand.connection, hand.compound, resident_id)
            if isinstance(said, Erased):
                _receipt(hand, said, {"keys_expire": said.keys_expire, "events": said.events})
        case VehicleNow():
            row = {"vehicle": said.vehicle_id, "gone": False, "resident": said.resident_id}
            _row(hand, VEHICLES, {**row, "plate": said.plate, "until": said.until})
        case VehicleGone():
            _row(hand, VEHICLES, {"vehicle": said.vehicle_id, "gone": True, **_NO_VEHICLE})
        case Exported():
            _receipt(hand, said, {"resident": said.resident_id, "document": said.document})
        case HomeClaim() | PhotoAnswered() | PassUsed() | NotApplied():
            _once(hand, said)


def _once(hand: Hand, said: HomeClaim | PhotoAnswered | PassUsed | NotApplied) -> None:
    match said:
        case HomeClaim():
            expires = microseconds(said.expires)
            row = {"digest": said.digest, "resident": said.resident_id, "expires": expires}
            _new(hand, HOME_CLAIMS, row)
        case PhotoAnswered():
            row = {"photo": said.photo_id, "answer": said.answer, "at": microseconds(said.at)}
            _new(hand, PHOTO_ANSWERS, row)
            # Whoever was asked to be patient is told what came of it in the end.
            waits = (
                PHOTO_ANSWERS.c.compound == hand.compound,
                PHOTO_ANSWERS.c.photo == said.photo_id,
                PHOTO_ANSWERS.c.answer == PhotoAnswer.TRY_LATER,
            )
            hand.connection.execute(update(PHOTO_ANSWERS).where(*waits).values(row))
            _drop_photo(hand, FEED.c.subject == said.photo_id)
        case PassUsed():
            _new(hand, PASS_USES, _use(hand, said))
        case NotApplied():
            row = {"edge": hand.edge, "number": said.number, "why": said.why}
            _new(hand, NOT_APPLIED, {**row, "at": microseconds(hand.now)})
            _drop_photo(hand, FEED.c.number == said.number)


def _site(hand: Hand, said: SiteNow) -> None:
    lanes = msgspec.json.encode(said.lanes, order="deterministic").decode()
    row = {"name": said.name, "timezone": said.timezone, "lanes": lanes}
    _row(hand, SITES, {**row, "photo_key": said.photo_key, "photo_key_id": said.photo_key_id})


def _resident(hand: Hand, said: ResidentNow) -> None:
    row = {
        "resident": said.resident_id,
        "gone": False,
        "name": said.name,
        "home": str(said.home),
        "kind": said.kind,
        "until": said.until,
        "allowed": msgspec.json.encode(sorted(said.allowed)).decode(),
        "face": said.face,
        "guardian": said.guardian,
    }
    _row(hand, RESIDENTS, row)


def _is_gone(hand: Hand, resident_id: str) -> bool:
    """Return whether nothing newer says that somebody came back to the register."""
    gone = select(RESIDENTS.c.gone).where(
        RESIDENTS.c.compound == hand.compound, RESIDENTS.c.resident == resident_id
    )
    return bool(hand.connection.execute(gone).scalar_one_or_none())


def _use(hand: Hand, said: PassUsed) -> dict[str, Any]:
    return {
        "edge": hand.edge,
        "number": hand.number,
        "pass_id": said.pass_id,
        "lane": said.lane,
        "direction": said.direction,
        "at": microseconds(said.at),
        "opened": said.opened,
        "reason": said.reason,
        "double": said.double,
    }


def _receipt(hand: Hand, said: Erased | Exported, values: dict[str, Any]) -> None:
    at = said.at if isinstance(said, Erased) else hand.now
    kind = "erased" if isinstance(said, Erased) else "exported"
    row = {"request": said.request_id, "kind": kind, "at": microseconds(at), **values}
    _new(hand, RECEIPTS, row)


def _drop_photo(hand: Hand, which: Any) -> None:  # noqa: ANN401 - a condition on FEED
    """Let the sealed photo go that was answered: nobody needs it any more."""
    mine = (FEED.c.compound == hand.compound) & (FEED.c.kind == _PHOTO)
    hand.connection.execute(delete(FEED).where(mine, which))


def _new(hand: Hand, table: Table, values: dict[str, Any]) -> None:
    row = {"compound": hand.compound, **values}
    hand.connection.execute(insert_new(hand.connection, table), row)


def _row(hand: Hand, table: Table, values: dict[str, Any]) -> None:
    """Write a row of the register unless a later letter of this edge wrote it."""
    row = {"compound": hand.compound, "edge": hand.edge, "number": hand.number, **values}
    keys = [column.name for column in table.primary_key]
    later = or_(table.c.edge != hand.edge, table.c.number < hand.number)
    changed = {name: value for name, value in row.items() if name not in keys}
    hand.connection.execute(
        upsert(hand.connection, table)
        .values(**row)
        .on_conflict_do_update(index_elements=keys, set_=changed, where=later)
    )
