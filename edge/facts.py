"""Gathering: all that is known about one observation, before anything is decided."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from zoneinfo import ZoneInfo

from edge.ports import Gathered
from edge.stay_facts import StayRules
from edge.store.words import CardState, CarState, PassState, PinState
from gate.passes import PublicKey, read
from gate.rotation import Rotation
from gate.visits import ways
from models.facts import Facts
from models.lane import Direction, Lane
from models.moment import Moment
from models.observation import (
    CardShown,
    FaceSeen,
    GuardPressed,
    Observation,
    PassShown,
    PinEntered,
    PlateSeen,
)
from models.registry import Resident
from models.visit import Claims, CodeFault


class People(Protocol):
    """The register as gathering reads it."""

    @property
    def gallery_floor(self) -> int:
        """The first gallery version that honours the last withdrawal."""

    def resident(self, resident_id: str) -> Resident | None:
        """Return a person on the register."""

    def pass_state(self, pass_id: str) -> PassState:
        """Return what is known of a pass besides what it says of itself."""

    def car(self, plate: str) -> CarState:
        """Return what is known of the car with this plate."""

    def card(self, number: str) -> CardState:
        """Return the card with this keyed hash, and its holder."""

    def pin(self, lane: int, pin: str, mono: float) -> PinState:
        """Return what the code with this keyed hash stands for at a keypad; lane 0 is a guard."""


def no_rotation() -> None:
    """Return no key: a site that can check no rotating code."""


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What is the same for every observation of a site."""

    compound: str
    zone: ZoneInfo
    lanes: Mapping[int, Lane]
    keys: Callable[[], Mapping[int, PublicKey]]
    passback: bool = True
    """Whether a car that is inside already is brought before the guard when it comes again."""
    stays: StayRules | None = None
    """What is asked about room; None where nobody's stay is kept."""
    rotation: Callable[[], bytes | None] = no_rotation
    """The compound's rotation key, if the site knows it."""


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
        here = now.utc.astimezone(rules.zone)
        bare = Facts(
            lane=rules.lanes[seen.at.lane],
            compound=rules.compound,
            today=here.date(),
            minute=here.hour * 60 + here.minute,
        )
        gathered = self._gather(seen, bare, now)
        if rules.stays is None:
            return gathered
        return replace(gathered, facts=rules.stays.applied(gathered.facts, seen))

    def _gather(self, seen: Observation, bare: Facts, now: Moment) -> Gathered:
        match seen:
            case GuardPressed():
                return Gathered(bare, who=seen.guard)
            case FaceSeen():
                return self._face(seen, bare)
            case PassShown():
                return self._pass(seen, bare, now)
            case PinEntered():
                return self._pin(seen, bare, now)
            case PlateSeen():
                return self._plate(seen, bare, now)
            case CardShown():
                return self._card(seen, bare)

    def _face(self, seen: FaceSeen, bare: Facts) -> Gathered:
        resident = None if seen.resident is None else self._people.resident(seen.resident)
        facts = replace(bare, gallery_floor=self._people.gallery_floor, resident=resident)
        if resident is None:
            return Gathered(facts)
        return Gathered(facts, who=resident.name, home=str(resident.home))

    def _pass(self, seen: PassShown, bare: Facts, now: Moment) -> Gathered:
        rotation = Rotation(self._rules.rotation(), now)
        claims = read(seen.text, self._rules.keys(), rotation)
        if isinstance(claims, CodeFault):
            return Gathered(replace(bare, code_fault=claims))
        known = self._people.pass_state(claims.pass_id)
        return Gathered(_with_pass(bare, claims, known), who=known.label or None)

    def _pin(self, seen: PinEntered, bare: Facts, now: Moment) -> Gathered:
        known = self._people.pin(0 if seen.guard else seen.at.lane, seen.pin, now.mono)
        if known.claims is None or known.state is None:
            return Gathered(replace(bare, pin_locked=known.locked))
        facts = _with_pass(bare, known.claims, known.state)
        return Gathered(facts, who=known.state.label or None)

    def _card(self, seen: CardShown, bare: Facts) -> Gathered:
        known = self._people.card(seen.card)
        facts = replace(bare, card=known.card, resident=known.resident)
        if known.resident is None:
            return Gathered(facts)
        return Gathered(facts, who=known.resident.name, home=str(known.resident.home))

    def _plate(self, seen: PlateSeen, bare: Facts, now: Moment) -> Gathered:
        """Return the facts of a car; a plate that was not surely read names it all the same.

        Nothing opens for such a plate, but who is kept out is to be known to the guard.
        """
        text = seen.reading.text
        known = self._people.car(text) if text else CarState()
        holding = (one for one in known.restrictions if one.holds(bare.lane.number, bare.today))
        facts = replace(
            bare,
            vehicle=known.vehicle,
            restriction=next(holding, None),
            passages=known.passages,
            passback=self._rules.passback,
        )
        label = known.vehicle.label if known.vehicle is not None else ""
        bound = _bound(known.passes, seen.at.direction, now)
        if bound is not None:
            claims, state = bound
            facts = _with_pass(facts, claims, state)
            label = label or state.label
        home = None if known.vehicle is None else str(known.vehicle.home)
        return Gathered(facts, who=f"{text} {label}".strip() or None, home=home)


def _with_pass(facts: Facts, claims: Claims, known: PassState) -> Facts:
    return replace(
        facts, claims=claims, revoked=known.revoked, uses=known.uses, earlier=known.earlier
    )


def _bound(
    passes: Sequence[tuple[Claims, PassState]], direction: Direction, now: Moment
) -> tuple[Claims, PassState] | None:
    """Return the pass of a plate that a decision goes by: the likeliest to open, then the newest.

    On the way out that is one whose car is inside.
    """

    def rank(one: tuple[Claims, PassState]) -> tuple[bool, bool]:
        claims, state = one
        ways_in, ways_out = ways(state.uses, state.earlier)
        good = not state.revoked and claims.not_before <= now.utc < claims.expires
        left = ways_in < claims.uses or direction is Direction.EXIT
        return direction is Direction.EXIT and ways_out < ways_in, good and left

    return max(passes, key=rank, default=None)
