"""A pass as the centre keeps it, and how its row is read."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from central.moments import microseconds, moment
from central.passes.order import Host
from central.passes.tables import PASSES
from models.home import Home
from models.visit import Claims, PassKind, Weekly


@dataclass(frozen=True, slots=True)
class Record:
    """One pass that a resident made; `pin` is None once it is over or revoked."""

    pass_id: str
    host: Host
    label: str
    kind: PassKind
    lanes: frozenset[int]
    not_before: datetime
    expires: datetime
    uses: int
    weekly: Weekly | None
    rotating: bool
    plate: str | None
    kid: int
    made_at: datetime
    pin: str | None = field(default=None, repr=False)
    revoked_at: datetime | None = None

    @property
    def claims(self) -> Claims:
        """What the pass's token says."""
        return Claims(
            pass_id=self.pass_id,
            host=self.host.resident_id,
            compound=self.host.compound,
            lanes=self.lanes,
            not_before=self.not_before,
            expires=self.expires,
            uses=self.uses,
            kind=self.kind,
            kid=self.kid,
            rotating=self.rotating,
            weekly=self.weekly,
        )

    def is_live(self, now: datetime) -> bool:
        """Return whether it may still open something, now or later."""
        return self.revoked_at is None and now < self.expires


def row_of(record: Record, link_digest: str) -> dict[str, object]:
    """Return the columns of a new pass."""
    return {
        "pass_id": record.pass_id,
        "compound": record.host.compound,
        "home": str(record.host.home),
        "host": record.host.resident_id,
        "label": record.label,
        "kind": str(record.kind),
        "lanes": ",".join(str(lane) for lane in sorted(record.lanes)),
        "not_before": microseconds(record.not_before),
        "expires": microseconds(record.expires),
        "uses": record.uses,
        "weekly": None if record.weekly is None else msgspec.json.encode(record.weekly).decode(),
        "rotating": record.rotating,
        "plate": record.plate,
        "kid": record.kid,
        "pin": record.pin,
        "link_digest": link_digest,
        "made_at": microseconds(record.made_at),
    }


def record_of(row: Any) -> Record:  # noqa: ANN401 - a row of whatever was selected
    """Return the pass in a row of the table."""
    return Record(
        pass_id=row.pass_id,
        host=Host(row.compound, Home.parse(row.home), row.host),
        label=row.label,
        kind=PassKind(row.kind),
        lanes=frozenset(int(lane) for lane in row.lanes.split(",") if lane),
        not_before=moment(row.not_before),
        expires=moment(row.expires),
        uses=row.uses,
        weekly=None if row.weekly is None else msgspec.json.decode(row.weekly, type=Weekly),
        rotating=row.rotating,
        plate=row.plate,
        kid=row.kid,
        pin=row.pin,
        made_at=moment(row.made_at),
        revoked_at=None if row.revoked_at is None else moment(row.revoked_at),
    )


def passes_of(connection: Connection, compound: str, home: Home) -> tuple[Record, ...]:
    """Return what a home made and is still kept, that which lasts longest first."""
    chosen = (
        select(PASSES)
        .where(PASSES.c.compound == compound, PASSES.c.home == str(home))
        .order_by(PASSES.c.expires.desc(), PASSES.c.pass_id)
    )
    return tuple(record_of(row) for row in connection.execute(chosen))


def find_pass(connection: Connection, compound: str, home: Home, pass_id: str) -> Record | None:
    """Return one pass of a home; None where there is none, and for another home's."""
    chosen = select(PASSES).where(
        PASSES.c.compound == compound, PASSES.c.home == str(home), PASSES.c.pass_id == pass_id
    )
    row = connection.execute(chosen).first()
    return None if row is None else record_of(row)


def linked_pass(connection: Connection, link_digest: str) -> Record | None:
    """Return the pass whose link has this digest."""
    row = connection.execute(select(PASSES).where(PASSES.c.link_digest == link_digest)).first()
    return None if row is None else record_of(row)
