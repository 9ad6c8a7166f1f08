"""The store's side of what gate machines tell each other of uses."""

from collections.abc import Sequence

from sqlalchemy import Connection

from edge.store import pass_news, uses
from edge.store.opening import Parts
from edge.store.pass_news import PassNews
from edge.store.words import Told
from models.moment import Moment
from models.visit import SharedUse


class UseShelf:
    """Hands out the uses of this machine, and keeps those of others."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    @property
    def edge(self) -> str:
        """This machine, as it names its uses."""
        return self._parts.keys.edge

    @property
    def journal(self) -> str:
        """The journal whose events number what is told."""
        return self._parts.journal

    def top(self) -> int:
        """Return the newest event that made or changed a use here."""
        return self._parts.reads(uses.top)

    def since(self, after: int, limit: int, now: Moment) -> Told:
        """Return up to `limit` uses that changed here after event `after`."""
        edge = self.edge
        return self._parts.reads(lambda c: uses.since(c, edge, after, limit, now.utc))

    def known(self) -> dict[str, int]:
        """Return up to which event the uses of each other journal are known here."""
        return self._parts.reads(uses.known)

    def doubles(self, after: int) -> tuple[tuple[int, ...], int]:
        """Return the events after `after` that tell of double uses, and the newest event."""
        return self._parts.reads(lambda connection: uses.doubles(connection, after))

    def news(self, seq: int) -> PassNews | None:
        """Return what row `seq` says of a pass that was shown, None for any other row."""
        return self._parts.reads(lambda connection: pass_news.of_event(connection, seq))

    def merge(self, journal: str, told: Sequence[SharedUse], upto: int | None, now: Moment) -> None:
        """Keep what another machine's journal tells, and write down which uses are double.

        With `upto` all of its uses up to that event are known now. Raises StoreFault when nothing
        could be kept.
        """
        own = self._parts.journal

        def work(connection: Connection) -> None:
            uses.merge(connection, own, told, now)
            if upto is not None:
                uses.heard_upto(connection, journal, upto)

        self._parts.writer.submit(work)
