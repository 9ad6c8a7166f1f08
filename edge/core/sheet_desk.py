"""Sheets at the desk: gathered in parts, looked at, and put on the register in one go."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from edge import wire
from edge.core.office import Asker, Office
from edge.register_sheet import MOST_BYTES, SheetRead, first, read_sheet
from edge.sheet_rules import SheetKind
from edge.store.loading import Load
from models.errors import InputError
from models.moment import Moment

LASTS = 900.0
"""Seconds of CLOCK_MONOTONIC for which a sheet waits to be put on the register."""
MOST_SHEETS = 4
MOST_PARTS = 16
MOST_MISTAKES = 200
"""Mistakes that are told of one sheet."""
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class _Sheet:
    kind: SheetKind
    by: str
    parts: int
    at: float
    got: tuple[bytes, ...] = ()


class SheetDesk:
    """Keeps the sheets of the last minutes in memory; nothing of them is written before `apply`."""

    def __init__(self, office: Office) -> None:
        self._at = office
        self._lock = threading.Lock()
        self._sheets: dict[str, _Sheet] = {}
        self.answers: dict[type, Callable[..., wire.AnyMessage]] = {
            wire.PutSheet: self._put,
            wire.ApplySheet: self._apply,
        }

    def _put(self, _peer: Asker, request: wire.PutSheet) -> wire.SheetIs:
        sheet = self._gathered(request, self._at.clock.now())
        if len(sheet.got) < sheet.parts:
            return wire.SheetIs(request.ref, request.sheet)
        load = self._at.store.changes.compared(_read(sheet))
        return _told(request.ref, request.sheet, load)

    def _apply(self, _peer: Asker, request: wire.ApplySheet) -> wire.SheetIs:
        now = self._at.clock.now()
        with self._lock:
            self._sweep(now)
            sheet = self._sheets.get(request.sheet)
        if sheet is None or sheet.by != request.by or len(sheet.got) < sheet.parts:
            message = "this sheet is not here any more; check the file again, then import it"
            raise InputError(message, "no_sheet")
        load = self._at.store.changes.load(_read(sheet), now, by=request.by)
        if load.mistakes:
            return _told(request.ref, request.sheet, load)
        with self._lock:
            self._sheets.pop(request.sheet, None)
        self._at.eyes.refresh()
        for row in self._at.store.events(newest=True, limit=1):
            self._at.announce(row.seq)
        return _told(request.ref, request.sheet, load, applied=True)

    def _gathered(self, request: wire.PutSheet, now: Moment) -> _Sheet:
        """Return the sheet with one part more; raises InputError for a part out of turn."""
        if _ID.fullmatch(request.sheet) is None or not 1 <= request.parts <= MOST_PARTS:
            message = f"a sheet has 1 to {MOST_PARTS} parts and a number of 32 hex digits"
            raise InputError(message)
        with self._lock:
            self._sweep(now)
            fresh = _Sheet(SheetKind(request.kind), request.by, request.parts, now.mono)
            sheet = fresh if request.part == 0 else self._sheets.get(request.sheet)
            if sheet is None or sheet.by != request.by or request.part != len(sheet.got):
                message = "a part of this sheet is missing; send the file again"
                raise InputError(message, "no_sheet")
            sheet = replace(sheet, got=(*sheet.got, request.content))
            if sum(map(len, sheet.got)) > MOST_BYTES:
                self._sheets.pop(request.sheet, None)
                message = "the file is over 1 MB; import it in parts"
                raise InputError(message, "no_sheet")
            self._sheets[request.sheet] = sheet
            while len(self._sheets) > MOST_SHEETS:
                self._sheets.pop(next(iter(self._sheets)))
        return sheet

    def _sweep(self, now: Moment) -> None:
        self._sheets = {
            name: one for name, one in self._sheets.items() if now.mono - one.at < LASTS
        }


def _read(sheet: _Sheet) -> SheetRead:
    return read_sheet(b"".join(sheet.got), sheet.kind)


def _told(ref: int, name: str, load: Load, *, applied: bool = False) -> wire.SheetIs:
    return wire.SheetIs(
        ref,
        name,
        ready=True,
        applied=applied,
        new=load.new,
        changed=load.changed,
        same=load.same,
        wrong=len(load.mistakes),
        mistakes=tuple(
            wire.MistakeLine(one.line, one.column, one.rule, one.value)
            for one in first(load.mistakes, MOST_MISTAKES)
        ),
    )
