"""Gathering: all that is known about one observation, before anything is decided."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from edge.ports import Gathered
from edge.store.words import PassState
from gate.passes import PublicKey, read
from models.facts import Facts
from models.lane import Lane
from models.moment import Moment
from models.observation import FaceSeen, GuardPressed, Observation, PassShown
from models.registry import Resident
from models.visit import CodeFault


class People(Protocol):
    """The register as gathering reads it."""

    @property
    def gallery_floor(self) -> int:
        """The first gallery version that honours the last withdrawal."""

    def resident(self, resident_id: str) -> Resident | None:
        """Return a person on the register."""

    def pass_state(self, pass_id: str) -> PassState:
        """Return what is known of a pass besides what it says of itself."""


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What is the same for every observation of a site."""

    compound: str
    zone: ZoneInfo
    lanes: Mapping[int, Lane]
    keys: Callable[[], Mapping[int, PublicKey]]


class Gatherer:
    """Gathers facts from the register and the pass keys."""

    def __init__(self, rules: SiteRules, people: People) -> None:
        self._rules = rules
        self._people = people

    def __call__(self, seen: Observation, now: Moment) -> Gathered:
        """Return the facts of `seen`.

        A code is read and its signature checked before the register is asked about anything.
        Raises StoreFault when the register cannot be read.
        """
        rules = self._rules
        bare = Facts(
            lane=rules.lanes[seen.at.lane],
            compound=rules.compound,
            today=now.utc.astimezone(rules.zone).date(),
        )
        match seen:
            case GuardPressed():
                return Gathered(bare, who=seen.guard)
            case FaceSeen():
                return self._face(seen, bare)
            case PassShown():
                return self._pass(seen, bare)

    def _face(self, seen: FaceSeen, bare: Facts) -> Gathered:
        resident = None if seen.resident is None else self._people.resident(seen.resident)
        facts = Facts(
            lane=bare.lane,
            compound=bare.compound,
            today=bare.today,
            gallery_floor=self._people.gallery_floor,
            resident=resident,
        )
        if resident is None:
            return Gathered(facts)
        return Gathered(facts, who=resident.name, home=str(resident.home))

    def _pass(self, seen: PassShown, bare: Facts) -> Gathered:
        claims = read(seen.text, self._rules.keys())
        if isinstance(claims, CodeFault):
            facts = Facts(
                lane=bare.lane, compound=bare.compound, today=bare.today, code_fault=claims
            )
            return Gathered(facts)
        known = self._people.pass_state(claims.pass_id)
        facts = Facts(
            lane=bare.lane,
            compound=bare.compound,
            today=bare.today,
            claims=claims,
            revoked=known.revoked,
            uses=known.uses,
        )
        return Gathered(facts, who=known.label or None)
