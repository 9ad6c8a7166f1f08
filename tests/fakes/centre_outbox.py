"""An outbox in memory that keeps the store's promises, and notes what was let go."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge.sync.ports import Key
from models.errors import StoreFault
from tests.fakes.centre_events import Row


@dataclass(frozen=True, slots=True)
class Waiting:
    waiting: int


class MemoryOutbox:
    """Rows wait in the order in which they were put in."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._lock = threading.Lock()
        self._rows = {(row.journal, row.seq): row for row in rows}
        self.acknowledged: list[Key] = []
        self.aside: dict[Key, str] = {}
        self.broken = False
        self.empty = threading.Event()
        self._tell()

    def put(self, *rows: Row) -> None:
        with self._lock:
            self.empty.clear()
            self._rows.update({(row.journal, row.seq): row for row in rows})

    def outbox(self, limit: int) -> Sequence[Row]:
        self._look()
        with self._lock:
            return [row for key, row in self._rows.items() if key not in self.aside][:limit]

    def acknowledge(self, keys: Sequence[Key]) -> None:
        self._look()
        with self._lock:
            for key in keys:
                if self._rows.pop(key, None) is not None:
                    self.acknowledged.append(key)
            self._tell()

    def quarantine(self, key: Key, why: str) -> None:
        self._look()
        with self._lock:
            if key in self._rows:
                self.aside[key] = why
            self._tell()

    def backlog(self) -> Waiting:
        self._look()
        return Waiting(len(self.waiting))

    @property
    def waiting(self) -> list[Key]:
        with self._lock:
            return [key for key in self._rows if key not in self.aside]

    def _look(self) -> None:
        if self.broken:
            message = "the disk is full"
            raise StoreFault(message)

    def _tell(self) -> None:
        if self._rows.keys() == self.aside.keys():
            self.empty.set()
