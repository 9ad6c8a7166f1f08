"""A desk's folder: one private key per kid, a page that says which are in use, and their life.

The folder is 0700 and its files 0600. Its private keys are read by the issuer's own short process
and by nothing else; a gate gets the page of public keys.
"""

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge.issuer.order import Issued, Order
from gate.pass_keys import published
from gate.passes import PrivateKey, mint
from models.errors import InputError
from models.visit import Claims

_PAGE: Final = "issuer.json"
_FIRST_KID: Final = 1
_LAST_KID: Final = 127
"""The numbers above it are the centre's (docs/pass.md)."""
_COMPOUND: Final = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class _Page:
    """What the folder says of itself; `live` kids are good for reading, `current` signs."""

    compound: str
    current: int
    newest: int
    live: tuple[int, ...]


def create(folder: Path, compound: str) -> int:
    """Make a desk for `compound` (8 hex digits) with its first key; return that key's kid.

    Raises InputError where the folder already holds a desk or the compound is not one.
    """
    if not _COMPOUND.fullmatch(compound):
        message = f"{compound!r} is no compound id; it is 8 lower-case hex digits"
        raise InputError(message)
    _make_private(folder)
    with _locked(folder):
        if (folder / _PAGE).exists():
            message = f"{folder} already holds an issuer; rotate its key instead of making another"
            raise InputError(message)
        _write_key(folder, _FIRST_KID)
        _write_page(folder, _Page(compound, _FIRST_KID, _FIRST_KID, (_FIRST_KID,)))
    return _FIRST_KID


def rotate(folder: Path) -> int:
    """Make a new key and sign with it from now on; return its kid. Older passes stay good.

    Raises InputError where the folder holds no desk, or where all kids have been used.
    """
    with _locked(folder):
        page = _read_page(folder)
        kid = page.newest + 1
        if kid > _LAST_KID:
            message = f"{folder} has used all {_LAST_KID} key numbers; make a new issuer elsewhere"
            raise InputError(message)
        _write_key(folder, kid)
        _write_page(folder, replace(page, current=kid, newest=kid, live=(*page.live, kid)))
    return kid


def retire(folder: Path, kid: int) -> None:
    """Drop `kid` for good: its passes are unknown to every gate that loads the new public keys.

    Raises InputError where the desk has no such key in use, or where it is the one that signs.
    """
    with _locked(folder):
        page = _read_page(folder)
        if kid == page.current:
            message = f"key {kid} signs the new passes; rotate first, then retire it"
            raise InputError(message)
        if kid not in page.live:
            message = f"{folder} has no key {kid} in use; it has {_list(page.live)}"
            raise InputError(message)
        _write_page(folder, replace(page, live=tuple(one for one in page.live if one != kid)))
        (folder / _key_name(kid)).unlink(missing_ok=True)


def public_keys(folder: Path) -> str:
    """Return the page of public keys that this compound's gates load (`gate.pass_keys`)."""
    page = _read_page(folder)
    return published(
        page.compound, [(kid, _read_key(folder, kid).public_key()) for kid in page.live]
    )


def issue(folder: Path, order: Order) -> Issued:
    """Return a signed pass for the desk's own compound.

    Raises InputError where the order does not fit a pass or the folder holds no usable desk.
    """
    page = _read_page(folder)
    try:
        claims = Claims(
            pass_id=secrets.token_hex(16) if order.pass_id is None else order.pass_id,
            host=order.host,
            compound=page.compound,
            lanes=order.lanes,
            not_before=order.not_before,
            expires=order.expires,
            uses=order.uses,
            kind=order.kind,
            kid=page.current,
            weekly=order.weekly,
        )
        token = mint(claims, _read_key(folder, page.current))
    except ValueError as error:
        message = f"this pass cannot be issued: {error}"
        raise InputError(message) from error
    return Issued(token, claims.pass_id, claims.compound, claims.kid)


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one change at a time at a desk; two guards may press at once."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _no_desk(folder) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _no_desk(folder: Path) -> InputError:
    return InputError(f"{folder} holds no usable issuer; create one, or give the right folder")


def _key_name(kid: int) -> str:
    return f"kid-{kid}.key"


def _list(kids: tuple[int, ...]) -> str:
    return ", ".join(str(kid) for kid in kids)


def _write_key(folder: Path, kid: int) -> None:
    _write(folder / _key_name(kid), PrivateKey.generate().private_bytes_raw().hex() + "\n")


def _read_key(folder: Path, kid: int) -> PrivateKey:
    try:
        text = (folder / _key_name(kid)).read_text("ascii")
        return PrivateKey.from_private_bytes(bytes.fromhex(text))
    except (OSError, ValueError) as error:
        message = f"{folder} cannot give its key {kid}: restore the folder or rotate the key"
        raise InputError(message) from error


def _write_page(folder: Path, page: _Page) -> None:
    said = {
        "compound": page.compound,
        "current": page.current,
        "newest": page.newest,
        "live": list(page.live),
    }
    _write(folder / _PAGE, json.dumps(said, indent=1) + "\n")


def _read_page(folder: Path) -> _Page:
    try:
        said = json.loads((folder / _PAGE).read_text("utf-8"))
        return _Page(said["compound"], said["current"], said["newest"], tuple(said["live"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _no_desk(folder) from error


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all, for its owner only, down to the disk."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
