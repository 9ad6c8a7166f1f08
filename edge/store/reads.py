"""Reading register.db from any thread: each read sees one committed state."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine

from edge.store.database import translated
from models.errors import InputError

T = TypeVar("T")


class Reads:
    """Runs reads on connections that cannot write."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, look: Callable[[Connection], T]) -> T:
        """Return what `look` found.

        Raises StoreFault when the file cannot be read, InputError for a number that no file holds.
        """
        try:
            with translated("register.db"), self._engine.connect() as connection:
                return look(connection)
        except OverflowError as error:
            message = f"a number in the question is too large: {error}"
            raise InputError(message) from error

    def close(self) -> None:
        """Let the file go."""
        self._engine.dispose()
