"""The board: what this process last heard from core, and the browsers that want to hear it too."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from edge import wire
from edge.web.exposition import Snapshot
from models.event import Event, EventKind

KEPT_ROWS = 100
"""Rows that a page starts with."""
MOST_LISTENERS = 64
"""Streams of guards' pages."""
MOST_OF_A_LANE = 8
MOST_OF_A_DEVICE = 2
"""Streams of one device at a lane; a device that has lost touch comes back before it is missed."""
SILENT_AFTER = 12.0
"""Seconds without a word after which core counts as away; it speaks every few seconds."""
SHOWN_FOR = 6.0
"""Seconds that a lane's answer stands on its screen."""
_QUEUE = 64
IN_THE_LOG = frozenset(
    {
        EventKind.DECISION,
        EventKind.LATE,
        EventKind.CALL,
        EventKind.ADMIN,
        EventKind.FAULT,
        EventKind.ALERT,
        EventKind.START,
    }
)


_ERASING = frozenset({"resident_removed", "face_withdrawn", "vehicle_removed"})


@dataclass(frozen=True, slots=True)
class Again:
    """News of all rows: what was shown of them before may be erased by now."""


@dataclass(frozen=True, slots=True)
class CoreIs:
    """News of core itself: whether it answers."""

    up: bool


News = Event | wire.Shown | wire.Site | CoreIs | Again


class Listener:
    """One browser's queue of news; a browser that falls behind is let go, never waited for."""

    def __init__(self, lane: int | None = None, device: str = "") -> None:
        self._queue: asyncio.Queue[News] = asyncio.Queue(_QUEUE)
        self.lane = lane
        """The lane whose screen listens; None for a guard's page."""
        self.device = device
        self.dropped = False

    def offer(self, news: News) -> None:
        """Put `news` in the queue, or drop this browser when it is full."""
        try:
            self._queue.put_nowait(news)
        except asyncio.QueueFull:
            self.dropped = True

    def drop(self) -> None:
        """Let this browser go, and wake it to be told."""
        self.dropped = True
        self.offer(CoreIs(up=False))

    async def next(self, within: float) -> News | None:
        """Return the next piece of news, or None when none came in `within` seconds."""
        try:
            async with asyncio.timeout(within):
                return await self._queue.get()
        except TimeoutError:
            return None


def erases(message: wire.AnyMessage) -> bool:
    """Return whether `message` says that what was told of other rows no longer holds."""
    if not isinstance(message, wire.Row):
        return False
    return message.event.kind is EventKind.ADMIN and message.event.reason in _ERASING


class Board:
    """The last word on everything; only the event loop's thread touches it."""

    def __init__(self, mono: Callable[[], float]) -> None:
        self._mono = mono
        self._heard = float("-inf")
        self._rows: OrderedDict[tuple[str, int], Event] = OrderedDict()
        self._answered: set[tuple[str, int]] = set()
        self._shown: dict[int, tuple[wire.Shown, float]] = {}
        self._listeners: list[Listener] = []
        """The oldest first."""
        self._up = False
        self._claimed = False
        self.site: wire.Site | None = None
        self.closed = False

    @property
    def up(self) -> bool:
        """Whether core is there and has spoken lately."""
        return self._up and self._mono() - self._heard < SILENT_AFTER

    @property
    def snapshot(self) -> Snapshot:
        """What is known of the site now."""
        age = self._mono() - self._heard
        return Snapshot(self.up, age if age < float("inf") else -1.0, self.site)

    @property
    def rows(self) -> tuple[Event, ...]:
        """The newest rows of the log, the oldest of them first."""
        return tuple(self._rows.values())

    @property
    def unclaimed(self) -> bool:
        """Whether the site is known to have no account yet."""
        return self.site is not None and not self.site.claimed and not self._claimed

    def claim(self) -> None:
        """Take note that the first account was made, before core's next word says so."""
        self._claimed = True

    def answered(self, event: Event) -> bool:
        """Return whether a guard has opened in answer to `event`."""
        return (event.journal, event.seq) in self._answered

    def shown(self, lane: int) -> wire.Shown | None:
        """Return the answer that stands at `lane` now, or None."""
        shown, at = self._shown.get(lane, (None, 0.0))
        return shown if self._mono() - at < SHOWN_FOR else None

    def core(self, up: bool) -> None:  # noqa: FBT001 - the value is the news
        """Take note that core came or went."""
        self._up = up
        self._heard = self._mono()
        self._publish(CoreIs(up))

    def take(self, message: wire.AnyMessage) -> None:
        """Take over what core said and pass it on."""
        self._heard = self._mono()
        match message:
            case wire.RowsAre():
                self._replace(message.rows)
            case wire.Row():
                self._row(message.event)
            case wire.Shown():
                self._shown[message.lane] = (message, self._heard)
                self._publish(message)
            case wire.Site():
                self.site = message
                self._publish(message)
            case _:
                pass

    def listen(self) -> Listener | None:
        """Return a new listener for a guard's page, or None when there are too many."""
        pages = [each for each in self._listeners if each.lane is None]
        return None if len(pages) >= MOST_LISTENERS else self._new(Listener())

    def listen_at(self, lane: int, device: str) -> Listener | None:
        """Return a new listener for a lane's screen, or None when the lane has too many.

        A device's oldest stream gives way to its newest one.
        """
        there = [each for each in self._listeners if each.lane == lane]
        own = [each for each in there if each.device == device]
        if len(own) >= MOST_OF_A_DEVICE:
            own[0].drop()
            self.leave(own[0])
        elif len(there) >= MOST_OF_A_LANE:
            return None
        return self._new(Listener(lane, device))

    def send_away(self, lane: int) -> None:
        """End the streams of a lane's screens."""
        for listener in tuple(self._listeners):
            if listener.lane == lane:
                listener.drop()

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        self._listeners = [each for each in self._listeners if each is not listener]

    def ignore(self, message: wire.AnyMessage) -> None:
        """Take no note of a message that nobody asked for."""

    def close(self) -> None:
        """End every stream, so that the process can."""
        self.closed = True
        for listener in tuple(self._listeners):
            listener.drop()

    def _new(self, listener: Listener) -> Listener | None:
        if self.closed:
            return None
        self._listeners.append(listener)
        return listener

    def _replace(self, rows: tuple[Event, ...]) -> None:
        """Keep `rows` in place of what is held: core may have erased what was told before."""
        held, self._rows = self._rows, OrderedDict()
        for event in rows:
            before = held.get((event.journal, event.seq))
            if before is not None and event.outcome is None:
                # An outcome may overtake the rows that were asked for before it.
                self._keep(replace(event, outcome=before.outcome, ms=before.ms))
            else:
                self._keep(event)
        for event in held.values():
            if rows and event.journal == rows[-1].journal and event.seq > rows[-1].seq:
                self._keep(event)
        if any(self._rows.get(key) != event for key, event in held.items()):
            self._publish(Again())
            return
        for key, event in self._rows.items():
            if key not in held:
                self._publish(event)

    def _row(self, event: Event) -> None:
        if self._keep(event):
            self._publish(event)

    def _keep(self, event: Event) -> bool:
        """Return whether `event` is new, or says something new."""
        if event.kind not in IN_THE_LOG:
            return False
        if event.answers is not None:
            self._answered.add((event.journal, event.answers))
        key = (event.journal, event.seq)
        if self._rows.get(key) == event:
            return False
        self._rows[key] = event
        while len(self._rows) > KEPT_ROWS:
            self._rows.popitem(last=False)
        return True

    def _publish(self, news: News) -> None:
        for listener in tuple(self._listeners):
            listener.offer(news)
            if listener.dropped:
                self.leave(listener)
