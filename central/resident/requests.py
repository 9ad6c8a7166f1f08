"""What a resident may ask about their own data: a copy of it, or its end, each with a receipt."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert, select

from central.absence import Absent
from central.feed import tell
from central.moments import microseconds, moment
from central.passes.making import forget_host
from central.passes.record import passes_of
from central.register_tables import RECEIPTS
from central.resident.consenting import consents_of
from central.resident.history import passages, uses_of
from central.resident.household import Household, Person
from central.resident.photos import drop_waiting
from central.resident.register import cars_of
from central.resident.sessions import end_all
from central.resident.tables import HOME_SESSIONS, PHOTOS, REQUESTS
from models.feed import Erase, ExportWanted

EXPORT: Final = "export"
ERASE: Final = "erase"
_MOST_ROWS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Request:
    """One request and what became of it; `resident_id` is None once the person is erased."""

    request_id: str
    compound: str
    resident_id: str | None
    kind: str
    at: datetime
    answered_at: datetime | None = None
    keys_expire: date | None = None
    events: int | None = None
    document: str | None = None


def want_export(connection: Connection, household: Household, person: Person, now: datetime) -> str:
    """Ask the gates for all that they keep of a person; return the request's id."""
    own = household.own(person.resident_id)
    request = _note(connection, household, own, EXPORT, now)
    tell(connection, household.compound, ExportWanted(own.resident_id, request))
    return request


def want_erasure(
    connection: Connection, household: Household, person: Person, now: datetime
) -> str:
    """Ask the gates to erase a person; return the id of the request, which reads its receipt.

    At once, here: their passes are revoked and dropped, photos that wait are deleted, and every
    device of theirs is logged out. The rest goes with the gates' own receipt. What was asked
    already is not asked again.
    """
    own = household.own(person.resident_id)
    for asked in requests_of(connection, household):
        if (asked.kind, asked.resident_id) == (ERASE, own.resident_id) and not asked.answered_at:
            return asked.request_id
    request = _note(connection, household, own, ERASE, now)
    forget_host(connection, household.compound, own.resident_id, now)
    drop_waiting(connection, household.compound, own.resident_id, now)
    end_all(connection, household.compound, own.resident_id)
    tell(connection, household.compound, Erase(own.resident_id, request))
    return request


def requests_of(connection: Connection, household: Household) -> tuple[Request, ...]:
    """Return what the asker asked for themselves and their wards, the newest first."""
    people = [household.me.resident_id, *(one.resident_id for one in household.wards)]
    chosen = (
        _with_receipts()
        .where(REQUESTS.c.compound == household.compound, REQUESTS.c.resident.in_(people))
        .order_by(REQUESTS.c.at.desc())
        .limit(20)
    )
    return tuple(_request(row) for row in connection.execute(chosen))


def receipt_of(connection: Connection, request_id: str) -> Request:
    """Return an erasure by its id, which nobody can guess; raises Absent where there is none."""
    row = connection.execute(
        _with_receipts().where(REQUESTS.c.request == request_id, REQUESTS.c.kind == ERASE)
    ).first()
    if row is None:
        message = "there is no such receipt"
        raise Absent(message)
    return _request(row)


def document(
    connection: Connection, household: Household, request_id: str, now: datetime
) -> tuple[Request, bytes]:
    """Return a request for a copy, and the copy as JSON: the centre's part, and the gates' own.

    The gates' part is null until it has come. Raises Absent where the asker made no such request.
    """
    known = requests_of(connection, household)
    request = next(
        (one for one in known if (one.request_id, one.kind) == (request_id, EXPORT)), None
    )
    if request is None or request.resident_id is None:
        message = "there is no such request"
        raise Absent(message)
    person = household.own(request.resident_id)
    whole = {
        "compound": household.site.name,
        "made_at": now,
        "centre": _centre_part(connection, household, person, now),
        "gate": None if request.document is None else msgspec.Raw(_json(request.document)),
    }
    return request, msgspec.json.format(msgspec.json.encode(whole), indent=1)


def _centre_part(
    connection: Connection, household: Household, person: Person, now: datetime
) -> dict[str, Any]:
    compound, who = household.compound, person.resident_id
    mine = (HOME_SESSIONS.c.compound == compound) & (HOME_SESSIONS.c.resident == who)
    devices = select(
        HOME_SESSIONS.c.device, HOME_SESSIONS.c.made_at, HOME_SESSIONS.c.seen_at
    ).where(mine)
    photos = select(PHOTOS.c.photo, PHOTOS.c.at).where(
        PHOTOS.c.compound == compound, PHOTOS.c.resident == who
    )
    records = [
        one
        for one in passes_of(connection, compound, household.home)
        if one.host.resident_id == who
    ]
    return {
        "person": {
            "id": who,
            "name": person.name,
            "home": str(household.home),
            "kind": person.kind,
            "until": person.until,
            "guardian": person.guardian,
            "ways_of_entry": sorted(person.allowed),
            "face_kept_at_the_gate": person.face,
        },
        "cars": [one for one in cars_of(connection, household, now) if one.resident_id == who],
        "consents": consents_of(connection, compound, who),
        "devices": [
            {"device": row.device, "since": moment(row.made_at), "seen": moment(row.seen_at)}
            for row in connection.execute(devices)
        ],
        "photos_sent": [
            {"photo": row.photo, "at": moment(row.at)} for row in connection.execute(photos)
        ],
        "passes": [
            {
                "id": one.pass_id,
                "label": one.label,
                "kind": one.kind,
                "not_before": one.not_before,
                "expires": one.expires,
                "plate": one.plate,
                "revoked_at": one.revoked_at,
                "uses": uses_of(connection, compound, one.pass_id),
            }
            for one in records
        ],
        "history": passages(connection, household, person, limit=_MOST_ROWS),
    }


def _json(text: str) -> bytes:
    """Return the gates' document where it is JSON, else the text itself as a JSON string."""
    try:
        msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return msgspec.json.encode(text)
    return text.encode()


def _note(
    connection: Connection, household: Household, person: Person, kind: str, now: datetime
) -> str:
    request = secrets.token_hex(16)
    connection.execute(
        insert(REQUESTS).values(
            request=request,
            compound=household.compound,
            resident=person.resident_id,
            kind=kind,
            at=microseconds(now),
        )
    )
    return request


def _with_receipts() -> Any:  # noqa: ANN401 - a select of two tables
    return (
        select(
            REQUESTS,
            RECEIPTS.c.at.label("answered_at"),
            RECEIPTS.c.keys_expire,
            RECEIPTS.c.events,
            RECEIPTS.c.document,
        )
        .select_from(REQUESTS)
        .outerjoin(
            RECEIPTS,
            (RECEIPTS.c.compound == REQUESTS.c.compound)
            & (RECEIPTS.c.request == REQUESTS.c.request),
        )
    )


def _request(row: Any) -> Request:  # noqa: ANN401 - a row of what was selected
    return Request(
        row.request,
        row.compound,
        row.resident,
        row.kind,
        moment(row.at),
        None if row.answered_at is None else moment(row.answered_at),
        row.keys_expire,
        row.events,
        row.document,
    )
