"""A household: who asks, and whom and what that person may see and decide. Pure.

This is the one place that says what is whose. Whatever a page shows or changes is looked up by way
of a `Household`; the id of anybody or anything else is `Absent`, whether it exists or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from central.absence import Absent
from central.admission import Audience
from central.resident.site import Site
from models.home import Home
from models.lane import Credential
from models.registry import ResidentKind

CHOSEN: Final = (Credential.FACE, Credential.PLATE, Credential.CARD)
"""The ways of entry that a resident chooses; a pass is everybody's."""
_TOGETHER: Final = (
    frozenset({ResidentKind.OWNER, ResidentKind.FAMILY}),
    frozenset({ResidentKind.TENANT}),
    frozenset({ResidentKind.STAFF}),
)
"""Who lives as one household: a landlord and a tenant do not, though the home is the same."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a home as the gates' register has them, with what was asked since."""

    resident_id: str
    name: str
    kind: ResidentKind
    until: date | None = None
    allowed: frozenset[Credential] = frozenset()
    face: bool = False
    """Whether the gate keeps templates of the face."""
    guardian: str | None = None
    """Who answers for a child under 14."""
    listed: bool = True
    """Whether the register has the person yet."""
    asked: Mapping[Credential, bool] = field(default_factory=dict)
    """Choices that are on their way to the gate."""
    refused: str = ""
    """Why the gate did not take the person on, in its own word."""

    @property
    def child(self) -> bool:
        """Whether somebody else answers for this person."""
        return self.guardian is not None

    def chooses(self, credential: Credential) -> bool:
        """Return whether a way of entry is chosen, by the newest choice."""
        return self.asked.get(credential, credential in self.allowed)


@dataclass(frozen=True, slots=True)
class Household:
    """Who asks (`me`), and everyone of the same home; `session` names the browser."""

    compound: str
    home: Home
    me: Person
    everyone: tuple[Person, ...]
    site: Site
    session: str = field(repr=False)

    @property
    def audiences(self) -> frozenset[Audience]:
        """Whom the holder counts as."""
        return frozenset({Audience.RESIDENT})

    @property
    def people(self) -> tuple[Person, ...]:
        """Those who live as one household with the asker, who comes first."""
        mine = _together(self.me.kind)
        others = [one for one in self.everyone if one.kind in mine and one != self.me]
        return (self.me, *others)

    @property
    def neighbours(self) -> tuple[Person, ...]:
        """Those of the same home who live apart: a landlord's tenants, or the other way round."""
        mine = _together(self.me.kind)
        return tuple(one for one in self.everyone if one.kind not in mine)

    @property
    def wards(self) -> tuple[Person, ...]:
        """The children whom the asker answers for."""
        me = self.me.resident_id
        return tuple(one for one in self.people if one.guardian == me)

    def person(self, resident_id: str) -> Person:
        """Return one of the household; raises Absent for anybody else."""
        for one in self.people:
            if one.resident_id == resident_id:
                return one
        message = "this household has nobody of this id"
        raise Absent(message)

    def subject(self, resident_id: str) -> Person:
        """Return one whom the asker may decide for; raises Absent for anybody else.

        That is the asker, a child whom the asker answers for, and a grown-up of the household who
        decides on the asker's phone, as the page then asks for.
        """
        person = self.person(resident_id)
        if person.guardian not in {None, self.me.resident_id}:
            message = "another member of the household answers for this child"
            raise Absent(message)
        return person

    def own(self, resident_id: str) -> Person:
        """Return the asker, or a child whom the asker answers for; raises Absent for others."""
        if resident_id == self.me.resident_id:
            return self.me
        for ward in self.wards:
            if ward.resident_id == resident_id:
                return ward
        message = "only the person, or a child's guardian, may see this"
        raise Absent(message)

    def sees_passes_of(self, host: str) -> bool:
        """Return whether the passes that `host` made at this home are this household's.

        Those of somebody who has moved to another home are, so that they can be revoked.
        """
        return host not in {one.resident_id for one in self.neighbours}

    def may_add(self) -> tuple[ResidentKind, ...]:
        """Return as what the asker may bring somebody on the register."""
        match self.me.kind:
            case ResidentKind.OWNER:
                return (ResidentKind.FAMILY, ResidentKind.OWNER, ResidentKind.TENANT)
            case ResidentKind.FAMILY:
                return (ResidentKind.FAMILY,)
            case ResidentKind.TENANT:
                return (ResidentKind.TENANT,)
            case ResidentKind.STAFF:
                return ()


def _together(kind: ResidentKind) -> frozenset[ResidentKind]:
    return next(kinds for kinds in _TOGETHER if kind in kinds)
