"""Who may ask for which page: one row a route. A route without a row is refused to everyone."""

from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    """Whom a page is for."""

    ANYONE = "anyone"
    RESIDENT = "resident"
    """A browser that has claimed a home."""
    STAFF = "staff"
    """Staff of the centre, who look after compounds."""
    MANAGER = "manager"
    """Staff who may add and withdraw: compounds, edges, accounts."""


FORM = 8 * 1024
"""Bytes of an ordinary form."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may use one route, and how large a body may be, in bytes."""

    who: frozenset[Audience]
    body: int = 0


Admissions = dict[tuple[str, str], Admission]
"""Rows by method and path, the path as the route has it."""
