"""The state folder: where everything lies, and the identity and secrets that are made once.

The folder is 0700 and every file in it 0600. Keys are made before the first table, so that a
register without its keys is always a mistake (a moved disk, a half-restored copy), never a start.
"""

import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models.errors import StoreFault

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Folder:
    """The places inside one state folder."""

    root: Path

    @property
    def register(self) -> Path:
        """The file of people, passes, journal and outbox."""
        return self.root / "register.db"

    @property
    def biometrics(self) -> Path:
        """The file of encrypted templates."""
        return self.root / "biometrics.db"

    @property
    def keyring(self) -> Path:
        """The file of wrapped keys and tombstones."""
        return self.root / "keyring" / "keyring.db"

    @property
    def device_key(self) -> Path:
        """The key that wraps all others; never part of a data backup."""
        return self.root / "keyring" / "device.key"

    @property
    def edge_key(self) -> Path:
        """The Ed25519 private key that is this edge's identity."""
        return self.root / "identity" / "edge.key"

    @property
    def made(self) -> Path:
        """The mark of a store whose three files were once complete."""
        return self.root / "identity" / "made"

    @property
    def evidence(self) -> Path:
        """The folder of encrypted evidence crops."""
        return self.root / "evidence"

    @property
    def data_copies(self) -> Path:
        """Backups of register and biometrics."""
        return self.root / "backup"

    @property
    def key_copies(self) -> Path:
        """Backups of the keyring, kept apart and for a few days only."""
        return self.root / "keyring" / "backup"

    @property
    def damaged(self) -> Path:
        """Where bad files are kept for whoever looks into them."""
        return self.root / "damaged"

    @property
    def ballast(self) -> Path:
        """The file that is given up when the disk is full."""
        return self.root / "ballast"

    @property
    def lock(self) -> Path:
        """The file whose lock makes one process the writer."""
        return self.root / "lock"

    def secret(self, name: str) -> bytes:
        """Return the 32-byte secret called `name`, made at the first call and kept."""
        path = self.root / "secrets" / name
        if not path.exists():
            _make_dir(path.parent)
            write_once(path, secrets.token_bytes(KEY_BYTES))
        return _read_key(path)


@dataclass(frozen=True, slots=True)
class Keys:
    """The two keys of a store: who this edge is, and what opens its keyring."""

    identity: Ed25519PrivateKey
    device: bytes

    @property
    def edge(self) -> str:
        """The edge id: the first 32 hex digits of SHA-256 of the Ed25519 public key."""
        return edge_id(self.identity.public_key())

    @property
    def public(self) -> bytes:
        """The 32 bytes of the Ed25519 public key."""
        return self.identity.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of `message` by this edge."""
        return self.identity.sign(message)


def edge_id(public: Ed25519PublicKey) -> str:
    """Return the id of the edge that holds the private half of `public`."""
    return sha256(public.public_bytes_raw()).hexdigest()[:32]


def prepare(root: Path) -> Folder:
    """Return the folder at `root`, made with its rooms if it was not there.

    Raises StoreFault when it cannot be made or is not ours to close to others.
    """
    folder = Folder(root)
    rooms = (folder.edge_key, folder.device_key, folder.evidence / "x", folder.data_copies / "x")
    try:
        _make_dir(root)
        for room in (*rooms, folder.key_copies / "x"):
            _make_dir(room.parent)
    except OSError as error:
        message = f"the state folder {root} cannot be made or closed to others: {error}"
        advice = "Give a folder that this user owns and may write."
        raise StoreFault(message, part="store", advice=advice) from error
    return folder


def load_keys(folder: Folder) -> Keys:
    """Return the store's keys, made now if the folder is new.

    Raises StoreFault when there are data but not the keys that belong to them.
    """
    missing = [path for path in (folder.edge_key, folder.device_key) if not path.exists()]
    if missing and _has_data(folder):
        names = " and ".join(str(path.relative_to(folder.root)) for path in missing)
        message = f"the store in {folder.root} has data but not its keys: {names} missing"
        advice = (
            "Put the identity and keyring folders back beside register.db from where this store "
            "came from. Without them its templates cannot be read and its log cannot be signed; "
            "to begin anew, use another, empty state folder."
        )
        raise StoreFault(message, part="store", advice=advice)
    try:
        for path in missing:
            write_once(path, _new_key(path, folder))
        identity = Ed25519PrivateKey.from_private_bytes(_read_key(folder.edge_key))
        return Keys(identity, _read_key(folder.device_key))
    except OSError as error:
        message = f"the keys in {folder.root} cannot be read or made: {error}"
        raise StoreFault(message, part="store", advice="Check who owns the folder.") from error


def write_once(path: Path, content: bytes) -> None:
    """Write a new file 0600 so that after a power cut it is there whole or not at all.

    Raises FileExistsError when it was already there, OSError when it cannot be written.
    """
    half = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(half, path)
    finally:
        half.unlink(missing_ok=True)
    sync_dir(path.parent)


def sync_dir(path: Path) -> None:
    """Make the names inside a folder survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def touch_private(path: Path) -> None:
    """Make an empty file 0600, so that SQLite never makes it wider; keep one that is there."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)


def _make_dir(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def _has_data(folder: Folder) -> bool:
    files = (folder.register, folder.biometrics, folder.keyring)
    return folder.made.exists() or any(path.exists() and path.stat().st_size for path in files)


def _new_key(path: Path, folder: Folder) -> bytes:
    if path == folder.edge_key:
        return Ed25519PrivateKey.generate().private_bytes_raw()
    return secrets.token_bytes(KEY_BYTES)


def _read_key(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"the key {path} cannot be read: {error}"
        raise StoreFault(message, part="store", advice="Check who owns the file.") from error
    if len(content) != KEY_BYTES:
        message = f"the key {path} is {len(content)} bytes long, not {KEY_BYTES}"
        advice = "Put the file back from where this store came from; it is not one of ours."
        raise StoreFault(message, part="store", advice=advice)
    return content
