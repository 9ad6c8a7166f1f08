"""Bringing a file's schema up to this program's, or refusing a file of a newer program."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Engine, MetaData

from edge.store.database import translated
from edge.store.tables import BIOMETRICS, KEYRING, REGISTER
from models.errors import StoreFault

_HERE = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Schema:
    """One file's schema: the name of its versions folder and the tables it leads to."""

    name: str
    metadata: MetaData


REGISTER_SCHEMA = Schema("register", REGISTER)
BIOMETRICS_SCHEMA = Schema("biometrics", BIOMETRICS)
KEYRING_SCHEMA = Schema("keyring", KEYRING)


def is_current(schema: Schema, engine: Engine) -> bool:
    """Return whether the file has this program's schema; False for an older or empty file.

    Raises StoreFault for the schema of a newer program.
    """
    script = ScriptDirectory.from_config(_config(schema))
    with translated(f"{schema.name}.db"), engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found is None or found == script.get_current_head():
        return found is not None
    try:
        script.get_revision(found)
    except CommandError as error:
        message = f"{schema.name}.db has schema {found!r}, which this program does not know"
        advice = "It was written by a newer Kuahu: start that one, or put its backup back."
        raise StoreFault(message, part="store", advice=advice) from error
    return False


def migrate(schema: Schema, engine: Engine) -> None:
    """Bring the file to this program's schema, all of it or none.

    Raises StoreFault when the file cannot be written.
    """
    config = _config(schema)
    with translated(f"{schema.name}.db"), engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def _config(schema: Schema) -> Config:
    config = Config(attributes={"metadata": schema.metadata})
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", _escaped(_HERE))
    config.set_main_option("version_locations", _escaped(_HERE / "versions" / schema.name))
    return config


def _escaped(path: Path) -> str:
    # Alembic reads its options through configparser, where a percent sign means something.
    return str(path).replace("%", "%%")
