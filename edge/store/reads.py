"""Reading register.db from any thread: each read sees one committed state."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TypeVar

from sqlalchemy import Connection, Engine

from edge.store.database import translated
from models.errors import InputError

T = TypeVar("T")

QUICK = SLOW = 4
"""Reads of each kind that run at once; the next one waits its turn, which is milliseconds."""


class Reads:
    """Runs reads on connections that cannot write; never more than a fixed number at once.

    SQLite keeps the file of a connection that was closed open for as long as another connection
    has the same file: without a bound, each busier moment than any before would open more for good.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: deque[Connection] = deque()
        self._closed = False
        self._quick, self._slow = BoundedSemaphore(QUICK), BoundedSemaphore(SLOW)

    def warm(self) -> None:
        """Open all that reading will ever have open; raises as a call does."""
        with _told():
            held = [self._engine.connect() for _ in range(QUICK + SLOW)]
            for connection in held:
                with connection:
                    connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").close()

    def __call__(self, look: Callable[[Connection], T]) -> T:
        """Return what `look` found.

        Raises StoreFault when the file cannot be read, InputError for a number that no file holds.
        """
        with _told(), self._slow, self._engine.connect() as connection:
            return look(connection)

    def quick(self, look: Callable[[Connection], T]) -> T:
        """Return what `look` found with a single prepared statement (edge/store/prepared.py).

        One statement sees one state without a transaction around it, and the connection is kept
        for the next: both cost more than such a read. Raises as a call does.
        """
        with _told(), self._quick:
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._engine.connect()
            try:
                found = look(connection)
            except BaseException:
                connection.invalidate()
                connection.close()
                raise
            self._idle.append(connection)
            if self._closed:
                self._let_go()
            return found

    def close(self) -> None:
        """Let the file go."""
        self._closed = True
        self._let_go()
        self._engine.dispose()

    def _let_go(self) -> None:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                return
            connection.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        with translated("register.db"):
            yield
    except OverflowError as error:
        message = f"a number in the question is too large: {error}"
        raise InputError(message) from error
