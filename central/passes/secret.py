"""The centre's pass secret: 32 bytes, of which every key of a pass is derived.

Kept in a file of its own, so that whoever copies the database can mint no pass and open no link;
whoever takes the file as well can, for the compounds of this centre and no others. A database on a
server keeps the secret itself where no file was named: then it guards passes as well as people.
"""

import os
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, select

from central.database import insert_new, writing
from central.passes.tables import PASS_SECRET
from models.errors import ConfigError

_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """What all keys of passes are derived from."""

    raw: bytes = field(repr=False)

    def derive(self, purpose: str, *parts: str | int) -> bytes:
        """Return 32 bytes for one purpose, which say nothing of those for any other.

        HMAC-SHA256 of the purpose and its parts, a zero byte between them; no part holds one.
        """
        text = "\x00".join(("kuahu", purpose, *(str(part) for part in parts)))
        return digest(self.raw, text.encode(), sha256)


def open_secret(engine: Engine, file: Path | None) -> Secret:
    """Return the secret of the centre on `engine`, to which its database is bound from then on.

    It is in `file`; where none is named, beside an SQLite file, and inside any other database.
    Raises ConfigError where the file cannot be used or holds another secret than the database was
    used with, and CentreFault where the database fails.
    """
    if file is None and engine.dialect.name == "sqlite":
        file = Path(f"{engine.url.database}.secret")
    given = None if file is None else read_secret(file)
    fresh = given or Secret(secrets.token_bytes(_BYTES))
    with writing(engine) as connection:
        # Several workers may start at once on a new database, and one of them is first.
        raw = None if given else fresh.raw.hex()
        connection.execute(
            insert_new(connection, PASS_SECRET), {"one": 1, "digest": _digest(fresh), "raw": raw}
        )
        row = connection.execute(select(PASS_SECRET)).one()
    if given is None and row.raw is not None:
        return Secret(bytes.fromhex(row.raw))
    if given is None or _digest(given) != row.digest:
        message = (
            f"the secret of passes in {file or 'the database'} is not the one that this database "
            "was used with: put back the centre's own file, on every machine that serves it"
        )
        raise ConfigError(message)
    return given


def read_secret(file: Path) -> Secret:
    """Return the secret in `file`, which is made for its owner only where it is missing.

    Several workers may start at once and get the same one. Raises ConfigError where the file
    cannot be made or read, or holds none.
    """
    try:
        if not file.exists():
            _make(file)
        raw = bytes.fromhex(file.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise _unusable(file) from error
    if len(raw) != _BYTES:
        raise _unusable(file)
    return Secret(raw)


def _digest(secret: Secret) -> str:
    return secret.derive("pass secret").hex()


def _make(file: Path) -> None:
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as written:
            written.write(secrets.token_hex(_BYTES) + "\n")
            written.flush()
            os.fsync(written.fileno())
        try:
            # A link is made whole or not at all, and never over another worker's file.
            os.link(draft, file)
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _unusable(file: Path) -> ConfigError:
    return ConfigError(
        f"{file} cannot be used as the secret of passes ({2 * _BYTES} hex digits, readable by "
        "this user): put back the file from the centre's own backup, or name another place"
    )
