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
    leaving = person.asked.get(Credential.FACE) is False
    if leaving and consent is None:
        return FaceState.LEAVING
    if photo is not None and not photo.settled:
        return FaceState.PHOTO_WAITING
    if person.face and not leaving:
        return FaceState.ON
    if consent is None:
        return FaceState.OFF
    # The gate's word on its register may come a little after its answer to the photo.
    kept = photo is not None and photo.answer is PhotoAnswer.ACCEPTED
    return FaceState.ON if kept else FaceState.PHOTO_NEEDED


def consent_to_face(
    connection: Connection, household: Household, person: Person, now: datetime
) -> tuple[Agreed | None, Photo | None]:
    """Return the consent to a face that stands, and the newest photo that was sent under it.

    A consent is over, too, once the gate kept a face that was sent under it and keeps it no
    longer: it was taken back at the desk.
    """
    who = person.resident_id
    consent = standing_consent(connection, household.compound, who, Credential.FACE)
    photo = newest_photo(connection, household, person)
    if consent is not None and photo is not None and photo.at < consent.at:
        photo = None
    if consent is None or photo is None or person.face:
        return consent, photo
    kept = photo.answer is PhotoAnswer.ACCEPTED
    over = kept and now - photo.answered_at > _SETTLING if photo.answered_at else False
    return (None if over else consent), photo


def face_states(
    connection: Connection, household: Household, now: datetime
) -> Mapping[str, FaceState]:
    """Return how entry by face stands for everyone of the household, by resident id."""
    states = {}
    for person in household.people:
        consent, photo = consent_to_face(connection, household, person, now)
        states[person.resident_id] = face_state(person, consent, photo)
    return states
