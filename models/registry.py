"""The register's people as decisions see them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from models.home import Home
from models.lane import Credential


class ResidentKind(StrEnum):
    """What ties a person to a home."""

    OWNER = "owner"
    FAMILY = "family"
    TENANT = "tenant"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Resident:
    """A person on the register; `until` is the last day of the right of entry, at the site."""

    resident_id: str
    name: str
    home: Home
    kind: ResidentKind
    until: date | None
    allowed: frozenset[Credential]
    """The ways of entry that the resident chose and consented to."""
    second_factor: bool = False
    """Is never asked for a movement; where one is wanted, the face alone does not open."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent to the use of a face: text version, when, by what channel and by whom."""

    version: str
    at: datetime
    channel: str
    by: str
    guardian: str | None = None
