"""The meter of the zones: adds up what each used, and has it kept each minute."""

import logging
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from edge.zone_ports import EnergyRow, ZoneLedger
from gate.energy import Spent, Tariff, spent
from models.errors import StoreFault
from models.moment import Moment, Trust

KEEP_EVERY = 60.0

_log = logging.getLogger("kuahu.zones")
_Key = tuple[date | None, str]


@dataclass(slots=True)
class Meter:
    """Adds up energy for the one thread that keeps the zones.

    What is used while the wall clock is not believed has no day yet; it gets that of the moment
    when the clock is believed again.
    """

    tariffs: Mapping[str, Tariff]
    zone: tzinfo
    ledger: ZoneLedger
    _new: dict[_Key, Spent] = field(default_factory=dict)
    _going: dict[_Key, Spent] = field(default_factory=dict)
    _end: "Future[int] | None" = None
    _kept_at: float | None = None
    _at: float | None = None

    def run(self, levels: Mapping[str, tuple[int, float | None]], now: Moment) -> None:
        """Add the time since the last call: `levels` has each zone's level and metered watts."""
        before, self._at = self._at, now.mono
        if before is None:
            self._kept_at = now.mono
            return
        local = now.utc.astimezone(self.zone).replace(tzinfo=None)
        trusted = now.trust is Trust.TRUSTED
        for name, (level, watts) in levels.items():
            for day, used in spent(self.tariffs[name], now.mono - before, level, watts, local):
                self._add((day if trusted else None, name), used)
        self._settle()
        if self._kept_at is not None and now.mono - self._kept_at >= KEEP_EVERY:
            self.keep(now)

    def keep(self, now: Moment) -> None:
        """Have what is new kept, unless the last is still on its way."""
        if self._end is not None or now.trust is not Trust.TRUSTED:
            return
        self._kept_at = now.mono
        self._going, self._new = self._new, {}
        today = now.utc.astimezone(self.zone).date()
        rows: tuple[EnergyRow, ...] = tuple(
            (day or today, name, used) for (day, name), used in self._going.items()
        )
        if not rows:
            return
        try:
            self._end = self.ledger.add_energy(rows)
        except StoreFault as fault:
            self._failed(fault)

    def close(self, now: Moment, wait: float) -> None:
        """Have the rest kept, and wait for that at most `wait` seconds."""
        for _ in range(2):
            if self._end is not None:
                self._wait(self._end, wait)
            self._settle()
            self.keep(now)
        if self._end is not None:
            self._wait(self._end, wait)
            self._settle()

    def _add(self, key: _Key, used: Spent) -> None:
        self._new[key] = self._new.get(key, Spent()) + used

    def _settle(self) -> None:
        if self._end is None or not self._end.done():
            return
        end, self._end = self._end, None
        fault = end.exception()
        if fault is None:
            self._going = {}
        else:
            self._failed(fault)

    def _failed(self, fault: BaseException) -> None:
        _log.warning("energy waits for the disk: %s", fault)
        going, self._going = self._going, {}
        for key, used in going.items():
            self._add(key, used)

    @staticmethod
    def _wait(end: "Future[int]", seconds: float) -> None:
        try:
            end.result(seconds)
        except (StoreFault, TimeoutError) as fault:
            _log.warning("energy was not kept: %s", fault)


def local_time(now: Moment, zone: tzinfo) -> datetime | None:
    """Return the site's wall-clock time without a zone, None while the clock is not believed."""
    if now.trust is not Trust.TRUSTED:
        return None
    return now.utc.astimezone(zone).replace(tzinfo=None)
