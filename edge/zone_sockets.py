"""The sockets of a site: steps each load, has its changes recorded, and says what to ask for.

Rules of this file:
- nothing is armed before the disk has it; a cut waits for nobody;
- "on" is asked for once, at arming; from then on a socket is only kept as it is.
"""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

import msgspec

from edge.zone_meter import local_time
from edge.zone_ports import LoadNote, ZoneLedger
from gate.loads import Load, LoadRule, arm, is_watched, missed, resumed, step
from models.errors import StoreFault
from models.event import EventKind
from models.load import Cause, Power, Signs
from models.moment import Moment, Trust
from models.panel import KEEP
from models.zone import FULL

RECORD_WITHIN = 5.0
RETRY_EVERY = 1.0
ROOM = 200
_LONGEST_NIGHT = 24 * 3600.0

_log = logging.getLogger("kuahu.loads")


class Saved(msgspec.Struct, frozen=True):
    """How one load stands, as it is kept; times are UTC."""

    name: str
    power: Power
    cause: Cause
    off_at: datetime
    plugged: datetime | None = None
    begun: datetime | None = None
    by_hand: bool = False


_SAVED = msgspec.json.Decoder(tuple[Saved, ...])


@dataclass(frozen=True, slots=True)
class _Wish:
    """A socket that is armed once its row is on the disk."""

    load: Load
    end: "Future[int]"
    asked: float
    answer: Callable[[str], None] | None = None


class Sockets:
    """Every load of a site, for one thread."""

    def __init__(
        self,
        rules: Mapping[str, LoadRule],
        names: Mapping[str, str],
        zone: tzinfo,
        ledger: ZoneLedger,
        now: Moment,
    ) -> None:
        self._rules = rules
        self._names = names
        self._zone = zone
        self._ledger = ledger
        self._wishes: dict[str, _Wish] = {}
        self._fresh: set[str] = set()
        self._notes: deque[LoadNote] = deque(maxlen=ROOM)
        self._end: Future[int] | None = None
        self._tried = float("-inf")
        self.loads = self._resumed(now)

    def step(self, signs: Mapping[str, Signs], now: Moment) -> None:
        """Let every load be what it is now."""
        local = local_time(now, self._zone)
        for name, rule in self._rules.items():
            before = self.loads[name]
            after = step(rule, before, signs[name], local, now.mono)
            if after.power is Power.ARMING and before.power is not Power.ARMING:
                self._ask(name, after, now, LoadNote(EventKind.MOVE, "load_on", self._names[name]))
                after = replace(after, power=Power.OFF, cause=before.cause)
            self._become(name, after)
            self._grant(name, signs[name], now)
        self._write(now)

    def arm(
        self, name: str, guard: str, signs: Signs, now: Moment, answer: Callable[[str], None]
    ) -> None:
        """Arm a load for a named guard; `answer` gets `armed`, or why it was not."""
        rule, load = self._rules[name], self.loads[name]
        after = arm(rule, load, signs, local_time(now, self._zone), now.mono)
        if after is None or name in self._wishes:
            answer("not_safe" if not load.armed else "armed_already")
            return
        note = LoadNote(EventKind.ADMIN, "load_armed", self._names[name], guard)
        self._ask(name, after, now, note, answer)
        self._grant(name, signs, now)

    def levels(self, name: str) -> int:
        """Return what to ask of a socket now; a fresh arming is told once."""
        if name in self._fresh:
            self._fresh.discard(name)
            return FULL
        return KEEP if self.loads[name].armed else 0

    def _ask(
        self,
        name: str,
        after: Load,
        now: Moment,
        note: LoadNote,
        answer: Callable[[str], None] | None = None,
    ) -> None:
        states = {**self.loads, name: after}
        try:
            end = self._ledger.keep_loads(self._saved(states, now), note, now)
        except StoreFault as fault:
            end = Future()
            end.set_exception(fault)
        self._wishes[name] = _Wish(after, end, now.mono, answer)

    def _grant(self, name: str, signs: Signs, now: Moment) -> None:
        """Arm what is on the disk by now, if it is still right."""
        wish = self._wishes.get(name)
        late = wish is not None and now.mono - wish.asked > RECORD_WITHIN
        if wish is None or not (wish.end.done() or late):
            return
        del self._wishes[name]
        kept = wish.end.done() and wish.end.exception() is None
        load = self.loads[name]
        begin = wish.load.begun
        # What was cut meanwhile stays cut.
        cut = load.power is Power.CUT and (wish.answer is None or load.since >= wish.asked)
        if kept and not cut and is_watched(self._rules[name], signs):
            looked = load.looked
            self.loads[name] = replace(wish.load, since=now.mono, seen=now.mono, looked=looked)
            self._fresh.add(name)
            word = "armed"
        else:
            self.loads[name] = load if load.power is Power.CUT else missed(load, now.mono)
            self._note(EventKind.MOVE, "load_off", name)
            word = "not_safe" if kept else "not_recorded"
        self.loads[name] = replace(self.loads[name], begun=begin)
        if wish.answer is not None:
            wish.answer(word)

    def _become(self, name: str, after: Load) -> None:
        before, self.loads[name] = self.loads[name], after
        if after.power is Power.CUT and before.power is not Power.CUT:
            _log.warning("load %s is cut: %s", name, after.cause)
            self._note(EventKind.FAULT, f"load_cut_{after.cause}", name)
        elif before.armed and not after.armed:
            self._note(EventKind.MOVE, "load_off", name)
        elif before.plugged != after.plugged or before.power is not after.power:
            # No row in the journal is due, but a restart must know.
            self._note(EventKind.MOVE, "load_seen", name)

    def _note(self, kind: EventKind, reason: str, name: str) -> None:
        self._notes.append(LoadNote(kind, reason, self._names[name]))

    def _write(self, now: Moment) -> None:
        """Have the oldest row kept, with all loads as they stand; tried again until it is."""
        if self._end is not None:
            if not self._end.done():
                return
            end, self._end = self._end, None
            if end.exception() is None:
                self._notes.popleft()
            else:
                self._tried = now.mono
        if self._notes and now.mono - self._tried >= RETRY_EVERY:
            try:
                states = self._saved(self.loads, now)
                self._end = self._ledger.keep_loads(states, self._notes[0], now)
            except StoreFault as fault:
                _log.warning("a load's row waits for the disk: %s", fault)
                self._tried = now.mono

    def _saved(self, loads: Mapping[str, Load], now: Moment) -> str:
        rows = tuple(
            Saved(
                name,
                load.power,
                load.cause,
                now.utc_of(load.off_at),
                None if load.plugged is None else now.utc_of(load.plugged),
                load.begun,
                load.by_hand,
            )
            for name, load in loads.items()
        )
        return msgspec.json.encode(rows).decode()

    def _resumed(self, now: Moment) -> dict[str, Load]:
        text = self._ledger.loads()
        kept = {one.name: one for one in _SAVED.decode(text)} if text else {}
        return {
            name: _taken_over(kept[name], now) if name in kept else Load(since=now.mono)
            for name in self._rules
        }


def _taken_over(saved: Saved, now: Moment) -> Load:
    """Return a load of the last run; what was on without a clock to end it is off."""
    ends = (saved.off_at - now.utc).total_seconds()
    plugged = None
    if saved.plugged is not None:
        plugged = now.mono - max(0.0, (now.utc - saved.plugged).total_seconds())
    load = Load(
        power=saved.power,
        cause=saved.cause,
        since=now.mono,
        off_at=now.mono + ends,
        by_hand=saved.by_hand,
        begun=saved.begun,
        plugged=plugged,
    )
    if load.armed and (now.trust is not Trust.TRUSTED or ends > _LONGEST_NIGHT):
        # Nobody knows when it would have to go off.
        return missed(load, now.mono)
    return resumed(load, now.mono)
