"""How each face of a household stands: what was agreed to, what was sent, what the gate keeps."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from central.resident.consenting import Agreed, standing_consent
from central.resident.household import Household, Person
from central.resident.photos import Photo, newest_photo
from models.lane import Credential
from models.letter import PhotoAnswer

_SETTLING: Final = timedelta(minutes=1)
"""The gate's word that it keeps a face comes a little after its answer to the photo."""


class FaceState(StrEnum):
    """How entry by face stands for one person."""

    ON = "on"
    LEAVING = "leaving"
    """Taken back, and on its way to the gate."""
    PHOTO_NEEDED = "photo_needed"
    PHOTO_WAITING = "photo_waiting"
    OFF = "off"


def face_state(person: Person, consent: Agreed | None, photo: Photo | None) -> FaceState:
    """Return how entry by face stands, from what is known of one person."""
    if person.asked.get(Credential.FACE) is False:
        return FaceState.LEAVING
    if photo is not None and not photo.settled:
        return FaceState.PHOTO_WAITING
    if person.face or _is_kept_since(consent, photo):
        return FaceState.ON
    return FaceState.OFF if consent is None else FaceState.PHOTO_NEEDED


def consent_to_face(
    connection: Connection, household: Household, person: Person, now: datetime
) -> tuple[Agreed | None, Photo | None]:
    """Return the consent to a face that stands, and the newest photo.

    A consent is over, too, once the gate kept a face that was sent under it and keeps it no
    longer: it was taken back at the desk.
    """
    who = person.resident_id
    consent = standing_consent(connection, household.compound, who, Credential.FACE)
    photo = newest_photo(connection, household, person)
    if consent is None or photo is None or person.face:
        return consent, photo
    kept = _is_kept_since(consent, photo)
    over = kept and now - photo.answered_at > _SETTLING if photo.answered_at else False
    return (None if over else consent), photo


def _is_kept_since(consent: Agreed | None, photo: Photo | None) -> bool:
    """Return whether the gate took a photo on that was sent under the consent."""
    if consent is None or photo is None:
        return False
    return photo.answer is PhotoAnswer.ACCEPTED and photo.at >= consent.at


def face_states(
    connection: Connection, household: Household, now: datetime
) -> Mapping[str, FaceState]:
    """Return how entry by face stands for everyone of the household, by resident id."""
    states = {}
    for person in household.people:
        consent, photo = consent_to_face(connection, household, person, now)
        states[person.resident_id] = face_state(person, consent, photo)
    return states
