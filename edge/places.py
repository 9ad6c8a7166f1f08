"""Where things lie under a site's state folder, besides the store's own (edge/store/folder.py)."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of one site's state."""

    root: Path

    @property
    def core_socket(self) -> Path:
        """Where core listens."""
        return self.root / "core.sock"

    @property
    def vision_socket(self) -> Path:
        """Where vision listens."""
        return self.root / "vision.sock"

    @property
    def claim(self) -> Path:
        """The code that makes the first account; gone once it was used."""
        return self.root / "claim"

    @property
    def web_port(self) -> Path:
        """The port that the pages are served on."""
        return self.root / "web.port"

    @property
    def issuer(self) -> Path:
        """The desk that signs passes, where it is kept on this box."""
        return self.root / "issuer"

    @property
    def pass_keys(self) -> Path:
        """The public keys of passes that the gates believe."""
        return self.root / "pass-keys.json"

    @property
    def broker(self) -> Path:
        """The embedded broker's folder: its logins."""
        return self.root / "broker"

    @property
    def uses_key(self) -> Path:
        """The key that the compound's gate machines share their uses with."""
        return self.root / "uses.key"

    def relay_key(self, name: str) -> Path:
        """The key that relay `name` shares with this site."""
        return self.root / "relays" / f"{name}.key"


def make_private(folder: Path) -> None:
    """Make a folder that only this user can enter."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)


def keep_secret(path: Path, text: str) -> None:
    """Write a secret so that only this user can read it, whole or not at all."""
    make_private(path.parent)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
