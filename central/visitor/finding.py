"""Finding the pass that a link names; who tries links that name none has to wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from central import attempts
from central.database import reading
from central.moments import moment
from central.passes.link import link_digest
from central.passes.record import Record, linked_pass
from central.passes.ring import rotation_of
from central.passes.secret import Secret
from central.passes.token import Code, code_of
from central.register_tables import PASS_USES
from central.resident.site import Site, site_of
from central.visitor.standing import Passage, Standing, standing
from models.lane import Direction

_MANY = 1000
"""Openings of one pass that are looked at, the newest ones."""


@dataclass(frozen=True, slots=True)
class Found:
    """A pass, its compound, how it stands, and what its code holds."""

    record: Record
    site: Site
    standing: Standing
    code: Code

    @property
    def keeps_still(self) -> bool:
        """Whether a picture or a sheet of it is of use."""
        return self.code.inner is None and self.standing.shows_code


@dataclass(frozen=True, slots=True)
class Lost:
    """A link that leads nowhere; `wait` is the seconds before another is looked at, 0 for none."""

    wait: float = 0.0


def find(engine: Engine, secret: Secret, token: str, address: str, now: datetime) -> Found | Lost:
    """Return what the link's token leads to.

    A right link is always answered, whoever tried wrong ones from the same address: 128 bits are
    not guessed, and a whole town may share an address. Wrong ones are counted and soon told to
    wait. Raises CentreFault.
    """
    digest = link_digest(token)
    if digest is not None:
        with reading(engine) as connection:
            record = linked_pass(connection, digest)
            if record is not None:
                return _found(connection, secret, record, now)
    key = attempts.Key(f"pass link\n{address}", attempts.ADDRESS)
    return Lost(attempts.admit(engine, (key,), now))


def _found(connection: Connection, secret: Secret, record: Record, now: datetime) -> Found:
    site = site_of(connection, record.host.compound)
    rotation = rotation_of(connection, record.host.compound)
    passages = passages_of(connection, record.host.compound, [record.pass_id])
    return Found(
        record,
        site,
        standing(record, passages[record.pass_id], site.zone, now),
        code_of(secret, record, rotation),
    )


def passages_of(
    connection: Connection, compound: str, passes: Sequence[str]
) -> Mapping[str, tuple[Passage, ...]]:
    """Return the openings with each of these passes of a compound, the newest first."""
    chosen = (
        select(PASS_USES.c.pass_id, PASS_USES.c.direction, PASS_USES.c.at)
        .where(
            PASS_USES.c.compound == compound,
            PASS_USES.c.pass_id.in_(passes),
            PASS_USES.c.opened,
        )
        .order_by(PASS_USES.c.at.desc())
        .limit(_MANY * len(passes))
    )
    found: dict[str, list[Passage]] = {one: [] for one in passes}
    for row in connection.execute(chosen):
        found[row.pass_id].append(Passage(Direction(row.direction), moment(row.at)))
    return {one: tuple(passages) for one, passages in found.items()}
