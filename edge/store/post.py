"""The outgoing side of the store: what waits for the centre, signed heads, and house-keeping."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from edge.store import copies, disk, heads, outbox, retention
from edge.store.opening import Parts
from edge.store.retention import Retention
from edge.store.stay_ledger import StayLedger
from edge.store.words import Backlog, Head, Key, OutboxRow
from models.moment import Moment, Trust


class Post:
    """Hands out what the centre has not proved to have."""

    def __init__(
        self, parts: Parts, stays: StayLedger, end_faces: Callable[[date, Moment], None]
    ) -> None:
        self._parts = parts
        self._stays = stays
        self._end_faces = end_faces

    def outbox(self, limit: int) -> tuple[OutboxRow, ...]:
        """Return up to `limit` waiting events: security first, then live ones, then the oldest."""
        return self._parts.reads(lambda connection: outbox.batch(connection, limit))

    def acknowledge(self, keys: Sequence[Key]) -> None:
        """Let go of the events that the centre has named as safe; unknown keys mean nothing."""
        if keys:
            self._parts.writer.submit(lambda connection: outbox.acknowledge(connection, keys))

    def quarantine(self, key: Key, why: str) -> None:
        """Set aside an event that the centre will not take; it stays, visibly, and blocks none."""
        self._parts.writer.submit(lambda connection: outbox.quarantine(connection, key, why))

    def set_aside(self) -> tuple[tuple[OutboxRow, str], ...]:
        """Return the events in quarantine, each with why, oldest first."""
        return self._parts.reads(outbox.set_aside)

    def release(self, key: Key) -> None:
        """Let an event out of quarantine, to be sent again; an unknown key means nothing."""
        self._parts.writer.submit(lambda connection: outbox.release(connection, key))

    def backlog(self) -> Backlog:
        """Return how much waits for the centre and since when."""
        return self._parts.reads(outbox.backlog)

    def sign_head(self, now: Moment) -> Head:
        """Return the chain's newest hash, signed by this edge, and keep it for `verify`."""
        return self._parts.writer.submit(lambda c: heads.sign(c, self._parts.keys, now.utc))

    def heads(self, since: int = 0, limit: int = 100) -> tuple[Head, ...]:
        """Return up to `limit` signed heads above `since`, in order."""
        return self._parts.reads(lambda connection: heads.since(connection, since, limit))

    def keep_house(
        self, now: Moment, keep: Retention | None = None, today: date | None = None
    ) -> None:
        """Do what is due: backups, retention, a signed head; cheap enough for every few minutes.

        With `today`, the site's own day, the templates of residents whose last day is over are
        destroyed too. Nothing is deleted by a clock that is not trusted. Raises StoreFault when a
        backup or a deletion fails.
        """
        parts = self._parts
        trusted = now.trust is Trust.TRUSTED
        if trusted:
            self._end_what_is_over(keep or Retention(), now)
            if today is not None:
                self._end_faces(today, now)
        if copies.is_due(parts.folder, now.utc):
            disk.load_ballast(parts.folder.ballast, parts.ballast)
            copies.make(parts.folder, now.utc)
            self.sign_head(now)
        if trusted:
            copies.prune(parts.folder, now.utc)

    def _end_what_is_over(self, keep: Retention, now: Moment) -> None:
        parts, ended = self._parts, False
        while crops := parts.reads(lambda c: retention.crops_to_end(c, keep, now.utc)):
            batch = tuple(crops)
            parts.evidence.forget(batch)
            parts.writer.submit(partial(retention.end_crops, events=batch))
        while rows := parts.reads(lambda c: retention.parts_to_end(c, keep, now.utc)):
            batch = tuple(rows)
            parts.evidence.forget(batch)
            parts.writer.submit(partial(retention.end_parts, events=batch))
            ended = True
        while ids := parts.reads(lambda c: retention.passes_to_end(c, keep, now.utc)):
            parts.writer.submit(partial(retention.end_passes, ids=ids))
            ended = True
        if parts.reads(lambda c: retention.cars_are_over(c, keep, now.utc)):
            parts.writer.submit(partial(retention.end_cars, keep=keep, now=now.utc))
            ended = True
        ended |= self._stays.end_old(now.utc, keep.plate.days)
        if ended:
            parts.writer.empty_log()
