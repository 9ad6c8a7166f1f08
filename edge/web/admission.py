"""Who may ask for what: one row a route. A route without a row is refused to everyone."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from models.user import Role


class Who(StrEnum):
    """The roles that a request can have."""

    ANYONE = "anyone"
    LANE = "lane"
    """A device that was made the screen of one lane; it may ask for that lane only."""
    GUARD = "guard"
    MANAGER = "manager"
    MACHINE = "machine"
    """A program that reads figures (edge/web/metrics.py); never a browser."""


ROLE = MappingProxyType({Role.GUARD: Who.GUARD, Role.MANAGER: Who.MANAGER})

FORM = 8 * 1024
PICTURE = 200 * 1024
SHEET = 1024 * 1024
"""A table of the register; more would be put down on a disk on its way."""
PHOTO = 220 * 1024
"""A photo with the form around it; core takes no message over 256 KiB."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may use one route, and how large a body may be, in bytes."""

    who: frozenset[Who]
    body: int = 0


_PUBLIC = frozenset({Who.ANYONE})
_DESK = frozenset({Who.GUARD, Who.MANAGER})
_MANAGER = frozenset({Who.MANAGER})
_LANE = frozenset({Who.LANE})

ADMISSIONS: Mapping[tuple[str, str], Admission] = MappingProxyType(
    {
        ("GET", "/healthz"): Admission(_PUBLIC),
        ("GET", "/metrics"): Admission(frozenset({Who.MACHINE, Who.MANAGER})),
        ("GET", "/static"): Admission(_PUBLIC),
        ("GET", "/claim"): Admission(_PUBLIC),
        ("POST", "/claim"): Admission(_PUBLIC, FORM),
        ("GET", "/login"): Admission(_PUBLIC),
        ("POST", "/login"): Admission(_PUBLIC, FORM),
        ("POST", "/language"): Admission(_PUBLIC, FORM),
        ("POST", "/logout"): Admission(_DESK, FORM),
        ("GET", "/"): Admission(_DESK),
        ("GET", "/events"): Admission(_DESK),
        ("GET", "/log"): Admission(_DESK),
        ("GET", "/lights"): Admission(_DESK),
        ("GET", "/lights/now"): Admission(_DESK),
        ("POST", "/lights/arm"): Admission(_DESK, FORM),
        ("GET", "/lane-picture/{camera}.jpg"): Admission(_DESK),
        ("GET", "/evidence/{seq}.jpg"): Admission(_DESK),
        ("POST", "/open"): Admission(_DESK, FORM),
        ("POST", "/check"): Admission(_DESK, FORM),
        ("POST", "/order"): Admission(_DESK, FORM),
        ("POST", "/order/end"): Admission(_DESK, FORM),
        ("POST", "/reset"): Admission(_DESK, FORM),
        ("POST", "/that-person"): Admission(_DESK, FORM),
        ("POST", "/not-that-person"): Admission(_DESK, FORM),
        ("GET", "/model-card"): Admission(_DESK),
        ("GET", "/stays"): Admission(_DESK),
        ("GET", "/stays.csv"): Admission(_DESK),
        ("POST", "/stays/gone"): Admission(_DESK, FORM),
        ("POST", "/stays/count"): Admission(_DESK, FORM),
        ("GET", "/residents"): Admission(frozenset({Who.MANAGER})),
        ("POST", "/second-factor"): Admission(frozenset({Who.MANAGER}), FORM),
        ("GET", "/homes"): Admission(_DESK),
        ("POST", "/homes"): Admission(_DESK, FORM),
        ("GET", "/homes/{home}"): Admission(_DESK),
        ("POST", "/homes/{home}/people"): Admission(_MANAGER, FORM),
        ("POST", "/homes/{home}/cars"): Admission(_MANAGER, FORM),
        ("POST", "/cars/{car}"): Admission(_MANAGER, FORM),
        ("POST", "/cars/{car}/remove"): Admission(_MANAGER, FORM),
        ("POST", "/cards/{card}/take"): Admission(_MANAGER, FORM),
        ("POST", "/passes/{pass_id}/revoke"): Admission(_MANAGER, FORM),
        ("POST", "/undo"): Admission(_MANAGER, FORM),
        ("GET", "/people/{resident}"): Admission(_MANAGER),
        ("POST", "/people/{resident}"): Admission(_MANAGER, FORM),
        ("POST", "/people/{resident}/cards"): Admission(_MANAGER, FORM),
        ("POST", "/people/{resident}/withdraw"): Admission(_MANAGER, FORM),
        ("POST", "/people/{resident}/erase"): Admission(_MANAGER, FORM),
        ("GET", "/people/{resident}/face"): Admission(_MANAGER),
        ("POST", "/people/{resident}/face"): Admission(_MANAGER, PHOTO),
        ("POST", "/face-check"): Admission(_MANAGER, PICTURE),
        ("GET", "/sheets"): Admission(_MANAGER),
        ("GET", "/sheets/{kind}.csv"): Admission(_MANAGER),
        ("POST", "/sheets"): Admission(_MANAGER, SHEET),
        ("POST", "/sheets/apply"): Admission(_MANAGER, FORM),
        ("POST", "/people/{resident}/claim"): Admission(_MANAGER, FORM),
        ("POST", "/people/{resident}/pass"): Admission(_MANAGER, FORM),
        ("POST", "/pass.pdf"): Admission(_MANAGER, FORM),
        ("POST", "/screen-key"): Admission(frozenset({Who.MANAGER}), FORM),
        ("GET", "/lane/{number}"): Admission(_LANE),
        ("GET", "/lane/{number}/events"): Admission(_LANE),
        ("POST", "/lane/{number}/call"): Admission(_LANE, FORM),
        ("POST", "/lane/{number}/frame"): Admission(_LANE, PICTURE),
    }
)
