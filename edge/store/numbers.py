"""Command numbers: they rise for ever, also over a power cut, and are made durable in blocks."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

from edge.store import commands
from edge.store.reads import Reads
from edge.store.writer import Writer

_AHEAD = commands.BLOCK // 2
"""Numbers that are left when the next block is asked for, so that no command waits for it."""

RESERVING = 0.5
"""Seconds to wait for a block; a lane that gets none counts on from its relay's last number."""


@dataclass(slots=True)
class _Line:
    """The numbers of one relay: the last one given, and up to which they are durable."""

    given: int
    reserved: int
    turn: threading.Lock = field(default_factory=threading.Lock)
    ahead: "tuple[int, Future[None]] | None" = None


class Numbers:
    """Gives each relay its next number; safe to call from any thread."""

    def __init__(self, writer: Writer, reads: Reads) -> None:
        self._writer = writer
        self._reads = reads
        self._turn = threading.Lock()
        self._lines: dict[str, _Line] = {}

    def next(self, relay: str, last_seq: int) -> int:
        """Return a number above every one given to `relay` before and above `last_seq`.

        After a power cut there may be a gap. Raises StoreFault where no block can be made durable.
        """
        line = self._line(relay)
        with line.turn:
            self._take_block(line)
            number = max(line.given, last_seq) + 1
            if number > line.reserved:
                upto = number + commands.BLOCK - 1
                block = partial(commands.reserve, relay=relay, upto=upto)
                self._writer.submit(block, wait=RESERVING)
                line.reserved = upto
            elif line.ahead is None and line.reserved - number < _AHEAD:
                upto = line.reserved + commands.BLOCK
                begun = self._writer.begin(partial(commands.reserve, relay=relay, upto=upto))
                line.ahead = (upto, begun)
            line.given = number
            return number

    def _line(self, relay: str) -> _Line:
        with self._turn:
            line = self._lines.get(relay)
            if line is None:
                stored = self._reads(lambda connection: commands.reserved(connection, relay))
                line = self._lines[relay] = _Line(stored, stored)
            return line

    @staticmethod
    def _take_block(line: _Line) -> None:
        if line.ahead is None:
            return
        upto, begun = line.ahead
        if begun.done():
            if begun.exception() is None:
                line.reserved = max(line.reserved, upto)
            line.ahead = None
