"""The centre's pass secret: 32 bytes in a file of its own, of which every key of a pass is derived.

The database holds digests and public keys only, so that whoever copies it can mint no pass and
open no link; whoever takes the file as well can, for the compounds of this centre and no others.
"""

import os
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Final

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
