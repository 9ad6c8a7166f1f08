"""Photos on their way to the gate: sealed by the browser, carried unread, gone once answered."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from central.feed import tell
from central.moments import microseconds, moment
from central.register_tables import NOT_APPLIED, PHOTO_ANSWERS
from central.resident.household import Household, Person
from central.resident.tables import PHOTOS
from central.resident.wishes import held_by_gates
from central.tables import FEED
from models.errors import InputError
from models.feed import SealedPhoto
from models.letter import PhotoAnswer
from models.registry import Consent

MOST_SEALED: Final = 400 * 1024
"""Bytes of a sealed photo, its encapsulated key with it."""
MOST_BODY: Final = MOST_SEALED * 4 // 3 + 1024
"""Bytes of the request that brings one."""
_POINT: Final = 65
_GCM_TAG: Final = 16
_PHOTO: Final = re.compile(r"[0-9a-f]{32}")


class Unsent(StrEnum):
    """Why a photo was not taken."""

    BROKEN = "broken"
    TOO_LARGE = "too_large"
    OLD_KEY = "old_key"
    NO_CONSENT = "no_consent"
    NO_KEY = "no_key"
    """The gate has not told a key to seal to."""
    SENT = "sent"
    """This id has been used."""


class PhotoUnsent(InputError):  # noqa: N818 - it names what became of it, as its parent does
    """A photo was not taken; `why` says why, and nothing of it is kept."""

    code = "photo_unsent"

    def __init__(self, why: Unsent) -> None:
        super().__init__(f"the photo was not taken: {why}")
        self.why = why


@dataclass(frozen=True, slots=True)
class Sent:
    """What a browser sends: an id that it drew, the key it sealed to, and base64 of the rest."""

    photo_id: str
    key_id: str
    sealed: str = field(repr=False)


class Stage(StrEnum):
    """How far a photo has come; an answered one has the answer's own word instead."""

    WAITING = "waiting"
    """Here, until the gate asks for it."""
    AT_GATE = "at_gate"
    """The gate holds it and looks at it."""
    NOT_APPLIED = "not_applied"
    """The gate would not have it."""


@dataclass(frozen=True, slots=True)
class Photo:
    """The newest photo of somebody: `stage` or `answer`, and since when."""

    photo_id: str
    at: datetime
    stage: Stage | None
    answer: PhotoAnswer | None = None
    answered_at: datetime | None = None

    @property
    def word(self) -> str:
        """The one word for how it stands."""
        return str(self.answer or self.stage)

    @property
    def settled(self) -> bool:
        """Whether nothing more will be heard of it."""
        told = self.answer not in {None, PhotoAnswer.TRY_LATER}
        return told or self.stage is Stage.NOT_APPLIED


def send(
    connection: Connection,
    household: Household,
    person: Person,
    sent: Sent,
    told: tuple[Consent | None, datetime],
) -> None:
    """Put a sealed photo on the compound's feed; one that still waits there makes room for it.

    `told` is the consent that stands, and now. Raises PhotoUnsent, and nothing is kept then.
    """
    consent, now = told
    _check(household, sent)
    if consent is None:
        raise PhotoUnsent(Unsent.NO_CONSENT)
    drop_waiting(connection, household.compound, person.resident_id, now)
    number = tell(
        connection,
        household.compound,
        SealedPhoto(
            sent.photo_id,
            person.resident_id,
            sent.key_id,
            sent.sealed,
            household.me.resident_id,
            consent,
        ),
    )
    row = {
        "compound": household.compound,
        "photo": sent.photo_id,
        "resident": person.resident_id,
        "number": number,
        "at": microseconds(now),
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(PHOTOS).values(**row))
    except IntegrityError as error:
        raise PhotoUnsent(Unsent.SENT) from error


def _check(household: Household, sent: Sent) -> None:
    site = household.site
    if not site.photo_key:
        raise PhotoUnsent(Unsent.NO_KEY)
    if sent.key_id != site.photo_key_id:
        raise PhotoUnsent(Unsent.OLD_KEY)
    if not _PHOTO.fullmatch(sent.photo_id):
        raise PhotoUnsent(Unsent.BROKEN)
    if len(sent.sealed) > MOST_SEALED * 4 // 3 + 4:
        raise PhotoUnsent(Unsent.TOO_LARGE)
    try:
        raw = b64decode(sent.sealed, validate=True)
    except (NotBase64, ValueError) as error:
        raise PhotoUnsent(Unsent.BROKEN) from error
    if len(raw) > MOST_SEALED:
        raise PhotoUnsent(Unsent.TOO_LARGE)
    # An uncompressed point of P-256, then at least a tag: anything else was not sealed by our page.
    if len(raw) <= _POINT + _GCM_TAG or raw[0] != 0x04:  # noqa: PLR2004 - SEC 1, 2.3.3
        raise PhotoUnsent(Unsent.BROKEN)


def drop_waiting(connection: Connection, compound: str, resident: str, now: datetime) -> None:
    """Delete the sealed photos of a resident that nobody has answered, wherever they are here."""
    mine = (FEED.c.compound == compound) & (FEED.c.resident == resident)
    connection.execute(delete(FEED).where(mine, FEED.c.kind == "sealed_photo"))
    answered = select(PHOTO_ANSWERS.c.photo).where(PHOTO_ANSWERS.c.compound == compound)
    connection.execute(
        update(PHOTOS)
        .where(
            PHOTOS.c.compound == compound,
            PHOTOS.c.resident == resident,
            PHOTOS.c.dropped_at.is_(None),
            PHOTOS.c.photo.not_in(answered),
        )
        .values(dropped_at=microseconds(now))
    )


def newest_photo(connection: Connection, household: Household, person: Person) -> Photo | None:
    """Return how the newest photo of somebody stands; None where there is none or it went."""
    row = connection.execute(
        select(
            PHOTOS,
            PHOTO_ANSWERS.c.answer,
            PHOTO_ANSWERS.c.at.label("answered_at"),
            NOT_APPLIED.c.why,
        )
        .outerjoin(
            PHOTO_ANSWERS,
            (PHOTO_ANSWERS.c.compound == PHOTOS.c.compound)
            & (PHOTO_ANSWERS.c.photo == PHOTOS.c.photo),
        )
        .outerjoin(
            NOT_APPLIED,
            (NOT_APPLIED.c.compound == PHOTOS.c.compound)
            & (NOT_APPLIED.c.number == PHOTOS.c.number),
        )
        .where(PHOTOS.c.compound == household.compound, PHOTOS.c.resident == person.resident_id)
        .order_by(PHOTOS.c.at.desc(), PHOTOS.c.number.desc())
        .limit(1)
    ).first()
    if row is None or row.dropped_at is not None:
        return None
    at = moment(row.at)
    if row.answer is not None:
        return Photo(row.photo, at, None, PhotoAnswer(row.answer), moment(row.answered_at))
    if row.why is not None:
        return Photo(row.photo, at, Stage.NOT_APPLIED)
    held = row.number <= held_by_gates(connection, household.compound)
    return Photo(row.photo, at, Stage.AT_GATE if held else Stage.WAITING)
