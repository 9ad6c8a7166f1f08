"""Choosing ways of entry: a consent of its own for each, and each taken back at once."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Row, insert, select, update

from central.languages import Language
from central.moments import microseconds, moment
from central.resident.household import CHOSEN, Household, Person
from central.resident.photos import drop_waiting
from central.resident.tables import CONSENTS
from central.resident.wishes import wish
from models.errors import InputError
from models.feed import Choice, FaceWithdrawn
from models.lane import Credential
from models.registry import Consent

VERSIONS: Final = {
    Credential.FACE: "face-1",
    Credential.PLATE: "plate-1",
    Credential.CARD: "card-1",
}
"""The text of consent that is shown for each way; another text is another version."""
OWN_PHONE: Final = "phone"
SHARED_PHONE: Final = "shared_phone"
"""Somebody agreed on the phone of another member of the household."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent as the centre keeps it."""

    credential: Credential
    version: str
    language: str
    at: datetime
    channel: str
    by: str
    guardian: str | None
    withdrawn_at: datetime | None

    @property
    def consent(self) -> Consent:
        """The consent as the gates are told it."""
        return Consent(self.version, self.at, self.channel, self.by, self.guardian)


def agree(
    connection: Connection,
    household: Household,
    person: Person,
    given: tuple[Credential, str, Language],
    now: datetime,
) -> None:
    """Write a consent down and tell the gates of the choice; one to a face goes with the photo.

    `given` is the way of entry, the version of the text that was read, and its language. The
    person agrees, or the guardian of a child. Raises InputError for a text that is not the one in
    force.
    """
    credential, version, language = given
    if VERSIONS.get(credential) != version:
        message = "the text of consent has changed meanwhile; read it again"
        raise InputError(message)
    own = person == household.me or person.child
    agreed = Agreed(
        credential,
        version,
        language.value,
        now,
        OWN_PHONE if own else SHARED_PHONE,
        household.me.resident_id if person.child else person.resident_id,
        person.guardian,
        None,
    )
    connection.execute(
        insert(CONSENTS).values(
            consent=secrets.token_hex(16),
            compound=household.compound,
            resident=person.resident_id,
            credential=credential.value,
            version=version,
            language=agreed.language,
            at=microseconds(now),
            channel=agreed.channel,
            by=agreed.by,
            guardian=agreed.guardian,
        )
    )
    if credential is Credential.FACE:
        # The gates are told with the photo, which carries the consent: before it there is nothing
        # that they could do with it.
        return
    me = household.me.resident_id
    asked = Choice(person.resident_id, credential, allowed=True, by=me, consent=agreed.consent)
    wish(connection, household, asked, now)


def withdraw(
    connection: Connection,
    household: Household,
    person: Person,
    credential: Credential,
    now: datetime,
) -> None:
    """Take a way of entry back at once; a photo that still waits here is dropped unread."""
    if credential not in CHOSEN:
        message = "this way of entry is nobody's to choose"
        raise InputError(message)
    ended = connection.execute(
        update(CONSENTS)
        .where(
            CONSENTS.c.compound == household.compound,
            CONSENTS.c.resident == person.resident_id,
            CONSENTS.c.credential == credential.value,
            CONSENTS.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=microseconds(now))
    ).rowcount
    me = household.me.resident_id
    if person.asked.get(credential) is False and not ended:
        # It is on its way already, and nothing was agreed to since.
        return
    if credential is Credential.FACE:
        drop_waiting(connection, household.compound, person.resident_id, now)
        wish(connection, household, FaceWithdrawn(person.resident_id, me), now)
    else:
        wish(
            connection, household, Choice(person.resident_id, credential, allowed=False, by=me), now
        )


def standing_consent(
    connection: Connection, compound: str, resident: str, credential: Credential
) -> Agreed | None:
    """Return the newest consent to the text in force that was not taken back, or None."""
    version = VERSIONS[credential]
    for agreed in consents_of(connection, compound, resident):
        asked = (agreed.credential, agreed.version) == (credential, version)
        if asked and agreed.withdrawn_at is None:
            return agreed
    return None


def consents_of(connection: Connection, compound: str, resident: str) -> tuple[Agreed, ...]:
    """Return all consents of a resident, the newest first."""
    chosen = (
        select(CONSENTS)
        .where(CONSENTS.c.compound == compound, CONSENTS.c.resident == resident)
        .order_by(CONSENTS.c.at.desc(), CONSENTS.c.consent)
    )
    return tuple(_agreed(row) for row in connection.execute(chosen))


def _agreed(row: Row[tuple[object, ...]]) -> Agreed:
    taken_back = row.withdrawn_at
    return Agreed(
        Credential(row.credential),
        row.version,
        row.language,
        moment(row.at),
        row.channel,
        row.by,
        row.guardian,
        None if taken_back is None else moment(taken_back),
    )
