"""A centre's database of either engine, as a fixture with `params=ENGINES` asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from central.database import migrate, open_database
from tests.fakes import postgres

ENGINES = ("sqlite", "postgresql")


@contextmanager
def empty_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Yield the address of an empty database: a file in `folder`, or one on the run's server."""
    if request.param == "sqlite":
        yield f"sqlite:///{folder}/centre.db"
        return
    with postgres.database(postgres.shared(request.config)) as url:
        yield url


@contextmanager
def migrated_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[Engine]:
    """Yield an engine on such a database, with the centre's tables in it."""
    with empty_database(request, folder) as url:
        engine = open_database(url)
        try:
            migrate(engine)
            yield engine
        finally:
            engine.dispose()
