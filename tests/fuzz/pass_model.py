"""What docs/pass.md and ADR 0010 promise of passes and their uses, as plain Python."""

from dataclasses import dataclass, field
from datetime import datetime

from models.lane import Direction
from models.moment import Moment, Trust
from models.visit import Claims, PassKind

MINUTE, HOUR = 60.0, 3600.0
TRIES = 3
GIVE_UP = 0.5
LATE = 10.0


@dataclass
class Use:
    """One use of a pass."""

    number: int
    lane: int
    direction: Direction
    first: float | None
    """When it was first tried, in seconds; None once the machine has started again."""
    at: datetime
    """The same, as the wall clock showed it."""
    state: str = "open"
    tries: int = 1


@dataclass
class Visit:
    """One pass as minted, and all that happened to it; `heard` are openings for an entry."""

    token: str
    claims: Claims
    uses: list[Use] = field(default_factory=list)
    revoked: bool = False
    heard: int = 0

    @property
    def allowed(self) -> int:
        """How often it may come in: a delivery as often as it likes within its hour."""
        return 10**9 if self.claims.kind is PassKind.DELIVERY else self.claims.uses

    def entries(self) -> list[Use]:
        return [use for use in self.uses if use.direction is Direction.ENTRY]

    def exits(self) -> list[Use]:
        return [use for use in self.uses if use.direction is Direction.EXIT]


@dataclass
class Order:
    """A command that was sent: for which try of which use, and how it stands."""

    cmd_id: str
    lane: int
    visit: Visit | None
    use: Use | None
    attempt: int
    sent: float
    state: str = "pending"
    forgotten_at: float = 0.0


@dataclass(frozen=True)
class Expected:
    """The answer that is due: a reason, whether the gate is to open, and the use it spends."""

    reason: str
    opens: bool
    use: Use | int | None = None
    """A use to be tried again, or the number of a new one."""
    asks: bool = False


def expected(visit: Visit, lane: int, direction: Direction, now: Moment) -> Expected:
    """Return the answer that is due to a pass held to a lane."""
    answer = _for(visit, lane, direction, now)
    if direction is Direction.EXIT and not answer.opens:
        return Expected(answer.reason, opens=True)
    return answer


def _for(  # noqa: PLR0911 - a ladder of questions, as the product's, but told by the pages
    visit: Visit, lane: int, direction: Direction, now: Moment
) -> Expected:
    claims = visit.claims
    if claims.lanes and lane not in claims.lanes:
        return _no("wrong_lane")
    if visit.revoked:
        return _no("revoked")
    use = _again(visit, lane, direction, now.mono)
    fresh = len(visit.uses) + 1
    if direction is Direction.EXIT:
        if use is None and len(visit.exits()) < len(visit.entries()):
            return Expected("visitor", opens=True, use=fresh)
        if use is not None:
            return Expected("visitor", opens=True, use=use)
    out_of_time = _out_of_time(claims, now)
    if out_of_time is not None:
        return out_of_time
    if use is not None:
        return Expected("visitor", opens=True, use=use)
    if direction is Direction.EXIT:
        return _no("used" if visit.entries() else "unpaired")
    over = _over(visit, now)
    return Expected("visitor", opens=True, use=fresh) if over is None else over


def _over(visit: Visit, now: Moment) -> Expected | None:
    """Return the answer to a pass that has no way in left, None where it has."""
    entries = visit.entries()
    if visit.claims.kind is not PassKind.DELIVERY:
        return _no("used") if len(entries) >= visit.allowed else None
    if not entries:
        return None
    first = entries[0]
    if first.first is not None:
        return None if now.mono - first.first <= HOUR else _no("used")
    if now.trust is not Trust.TRUSTED:
        return Expected("clock", opens=False, asks=True)
    ago = (now.utc - first.at).total_seconds()
    return None if 0 <= ago <= HOUR else _no("used")


def _again(visit: Visit, lane: int, direction: Direction, now: float) -> Use | None:
    """Return the use that failed here less than a minute ago and has a try left."""
    for use in visit.uses:
        here = use.lane == lane and use.direction is direction and use.state == "returned"
        if here and use.tries < TRIES and use.first is not None and now - use.first <= MINUTE:
            return use
    return None


def _out_of_time(claims: Claims, now: Moment) -> Expected | None:
    if now.utc >= claims.expires:
        return _no("expired")
    early, weekly = now.utc < claims.not_before, claims.weekly
    doubtful = early or weekly is not None
    if now.trust is Trust.UNKNOWN or (doubtful and now.trust is Trust.FLOOR):
        return Expected("clock", opens=False, asks=True)
    if early:
        return _no("not_yet")
    # The site of these stories keeps the time of Greenwich.
    minute = now.utc.hour * 60 + now.utc.minute
    closed = weekly is not None and not (
        now.utc.weekday() in weekly.days and weekly.start <= minute < weekly.end
    )
    return _no("not_now") if closed else None


def _no(reason: str) -> Expected:
    return Expected(reason, opens=False)
