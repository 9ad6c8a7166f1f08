"""Uses of passes, shared with the compound's other gate machines over one broker (docs/mqtt.md).

What one machine counted counts at all. A machine that hears nobody goes on deciding by itself; when
they hear each other again each tells what it has, and a pass that was let in twice is found.
Nothing here is ever waited for by a door.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from edge.neighbours import Company, Neighbours
from edge.ports import Clock
from edge.store.words import Told as Changed
from models.errors import KuahuError, StoreFault
from models.moment import Moment
from models.visit import SharedUse
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.codec import Malformed
from mqtt_bridge.link import Ear, Errand, Link
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.uses import AT_ONCE, MOST_MACHINES, Told, heard, said, topic, word_of

SAY_EVERY: Final = 30.0
"""Seconds between two words of how much is known here, which is how what was lost is found."""
ANSWER_EVERY: Final = 1.0
"""Seconds within which what another machine lacks is told once at most, and asked for once."""
_WAITING: Final = 512
"""Messages that wait to be kept; more are dropped, and asked for again later."""

_log = logging.getLogger("kuahu.core")


class UseStore(Protocol):
    """The store as the sharing of uses needs it."""

    @property
    def edge(self) -> str:
        """This machine, as it names its uses."""

    @property
    def journal(self) -> str:
        """The journal whose events number what is told."""

    def top(self) -> int:
        """Return the newest event that made or changed a use here."""

    def since(self, after: int, limit: int, now: Moment) -> Changed:
        """Return up to `limit` uses that changed here after event `after`."""

    def known(self) -> dict[str, int]:
        """Return up to which event the uses of each other journal are known here."""

    def merge(
        self, journal: str, told: tuple[SharedUse, ...], upto: int | None, now: Moment
    ) -> None:
        """Keep what another machine tells, and write down which uses are double."""

    def doubles(self, after: int) -> tuple[tuple[int, ...], int]:
        """Return the events after `after` that tell of double uses, and the newest event."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """With whom uses are shared: the compound, its own key, and the broker between its machines."""

    compound: str
    key: RelayKey
    address: BrokerAddress


class Line(Protocol):
    """One connection to the broker between the machines, made again for ever."""

    @property
    def connected(self) -> bool:
        """True while the broker lets us in."""

    def start(self) -> None:
        """Begin to connect."""

    def stop(self) -> None:
        """Return when the connection has ended."""

    def publish(self, message: Message) -> None:
        """Say one message now; raises RelayFault where there is no broker."""


Connect = Callable[[Sharing, Ear, Callable[[], float]], Line]


def link_to(sharing: Sharing, ear: Ear, clock: Callable[[], float]) -> Line:
    """Return the connection over which a compound's machines hear each other."""
    return Link(sharing.address, Errand("kuahu-uses", (topic(sharing.compound),)), ear, clock)


class SharedUses:
    """Tells and hears uses, on a thread of its own beside that of its connection.

    `announce` is told of each event that was written about a pass that was let in twice.
    """

    def __init__(
        self,
        sharing: Sharing,
        store: UseStore,
        clock: Clock,
        announce: Callable[[int], None],
        connect: Connect = link_to,
    ) -> None:
        self._sharing = sharing
        self._store = store
        self._clock = clock
        self._announce = announce
        self._bell = threading.Event()
        self._stop = threading.Event()
        self._heard: deque[Message] = deque(maxlen=_WAITING)
        self._told = 0
        """The event up to which our uses have been told to whoever listened."""
        self._lacking: int | None = None
        """The event after which another machine lacks our uses."""
        self._asks = False
        self._announced: int | None = None
        """The event up to which double uses have been shown."""
        self._said_at = self._answered_at = float("-inf")
        self._complained = False
        self._neighbours = Neighbours()
        self._link = connect(sharing, self, lambda: clock.now().mono)
        self._thread = threading.Thread(target=self._run, name="uses", daemon=True)

    @property
    def connected(self) -> bool:
        """True while the broker between the machines lets us in."""
        return self._link.connected

    def company(self) -> Company:
        """Return how much is heard of the compound's other machines; any thread may ask."""
        broker = f"the broker at {self._sharing.address}"
        return self._neighbours.company(broker, self._clock.now().mono)

    def start(self) -> None:
        """Begin to connect, for ever."""
        self._told = self._store.top()
        self._link.start()
        self._thread.start()

    def stop(self) -> None:
        """Return when both threads have ended."""
        self._stop.set()
        self._bell.set()
        self._link.stop()
        if self._thread.is_alive():
            self._thread.join()

    def nudge(self) -> None:
        """Hear that something was recorded; returns at once."""
        self._bell.set()

    # --- what the connection says, on its own thread -------------------------------------------

    def joined(self) -> None:
        """Hear that the broker let us in: say how much is known here, and be told the rest."""
        self._neighbours.joined(self._clock.now().mono)
        self._asks = True
        self._bell.set()

    def left(self) -> None:
        """Hear that the broker went away: what is counted meanwhile is told later."""
        self._neighbours.left()

    def turned(self) -> None:
        """Hear that the connection's loop turned."""

    def heard(self, message: Message) -> None:
        """Hear a message; it is kept by this object's own thread."""
        self._heard.append(message)
        self._bell.set()

    # --- the thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stop.is_set():
            self._bell.wait(ANSWER_EVERY)
            self._bell.clear()
            try:
                self.turn(self._clock.now())
            except KuahuError as fault:
                _log.debug("uses are told again later: %s", fault)
                self._stop.wait(ANSWER_EVERY)
            except Exception:  # noqa: BLE001 - the top of a thread: it tries again
                _log.exception("uses of passes could not be shared, and are tried again")
                self._stop.wait(ANSWER_EVERY)

    def turn(self, now: Moment) -> None:
        """Keep what was heard, and tell what is new here and what others lack.

        Raises StoreFault where the register cannot be read or written, RelayFault where the broker
        is away.
        """
        while self._heard:
            message = self._heard.popleft()
            try:
                self._keep(message, now)
            except StoreFault:
                self._heard.appendleft(message)
                raise
        self._show_doubles()
        if not self._link.connected:
            return
        if self._asks or now.mono - self._said_at >= SAY_EVERY:
            self._say_known(now)
        if self._lacking is not None and now.mono - self._answered_at >= ANSWER_EVERY:
            after, self._lacking = self._lacking, None
            self._answered_at = now.mono
            self._tell(after, now)
        if self._store.top() > self._told:
            self._tell(self._told, now)

    def _show_doubles(self) -> None:
        """Show what was written of double uses: on hearing of them, or once a barrier answered."""
        found, newest = self._store.doubles(self._announced or 0)
        if self._announced is not None:
            for seq in found:
                self._announce(seq)
        self._announced = newest

    def _tell(self, after: int, now: Moment) -> None:
        """Say all that changed here after an event."""
        while True:
            changed = self._store.since(after, AT_ONCE, now)
            if changed.upto <= after:
                return
            words = tuple(word_of(use) for use in changed.uses)
            mine = (self._store.edge, self._store.journal)
            self._say(Told(*mine, since=after, upto=changed.upto, uses=words))
            after = changed.upto
            self._told = max(self._told, after)

    def _say_known(self, now: Moment) -> None:
        if now.mono - self._said_at < ANSWER_EVERY:
            return
        known = dict(sorted(self._store.known().items())[:MOST_MACHINES])
        mine = (self._store.edge, self._store.journal)
        self._say(Told(*mine, top=self._store.top(), known=known))
        self._asks, self._said_at = False, now.mono

    def _say(self, told: Told) -> None:
        sharing = self._sharing
        self._link.publish(said(sharing.key, sharing.compound, told))

    def _keep(self, message: Message, now: Moment) -> None:
        told = heard(self._sharing.key, self._sharing.compound, message)
        if isinstance(told, Malformed):
            self._complain(told)
            return
        if told is None or told.journal == self._store.journal:
            return
        if told.edge != self._store.edge:
            self._neighbours.heard(told.edge, now.mono)
        if told.uses or told.upto:
            self._merge(told, now)
        else:
            self._compare(told)

    def _merge(self, told: Told, now: Moment) -> None:
        whole = told.since <= self._store.known().get(told.journal, 0)
        upto = told.upto if whole else None
        self._store.merge(told.journal, told.shared(), upto, now)
        if not whole:
            self._asks = True

    def _compare(self, told: Told) -> None:
        """Find what the other machine lacks of ours, and we of its."""
        theirs = told.known.get(self._store.journal, 0)
        if theirs < self._store.top():
            lacking = theirs if self._lacking is None else min(self._lacking, theirs)
            self._lacking = lacking
        if told.top > self._store.known().get(told.journal, 0):
            self._asks = True

    def _complain(self, malformed: Malformed) -> None:
        level = logging.DEBUG if self._complained else logging.WARNING
        self._complained = True
        _log.log(level, "a machine tells uses that cannot be believed: %s", malformed.flaw)
