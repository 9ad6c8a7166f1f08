"""Asking the issuer: one short process an order, so that no private key enters this one."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import msgspec

from edge.issuer.order import Issued, Order
from gate.pass_keys import key_set
from gate.passes import PublicKey
from models.errors import ConfigError, InputError

_HOUSE: Final = Path(__file__).parents[2]
"""Where our packages lie, so that the issuer runs this version whatever the caller's folder."""
_PATIENCE: Final = 20.0
"""Seconds; signing takes milliseconds, starting Python on a busy gate machine some seconds."""


def ask(folder: Path, order: Order) -> Issued:
    """Return the pass that the issuer at `folder` signs.

    Raises InputError with the issuer's own sentence where it refuses or does not answer.
    """
    return msgspec.json.decode(_run("issue", folder, msgspec.json.encode(order)), type=Issued)


def ask_keys(folder: Path) -> str:
    """Return the page of public keys of the issuer at `folder`; raises InputError like `ask`."""
    return _run("keys", folder, b"").decode()


def make(folder: Path, compound: str) -> None:
    """Make an issuer for `compound` in `folder`; raises InputError like `ask`."""
    _run("create", folder, b"", compound)


def load_keys(page: Path, compound: str) -> dict[int, PublicKey]:
    """Return the public keys by kid that the gates of `compound` believe, from an exported page.

    Raises ConfigError where the file is missing, no page of keys, or another compound's.
    """
    try:
        return key_set(page.read_text("utf-8"), compound)
    except (OSError, ValueError) as error:
        message = f"{page}: {error}"
        raise ConfigError(message) from error


def _run(verb: str, folder: Path, order: bytes, *more: str) -> bytes:
    command = [sys.executable, "-m", "edge.issuer", verb, str(folder.resolve()), *more]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            command, input=order, capture_output=True, timeout=_PATIENCE, cwd=_HOUSE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"the issuer did not answer within {_PATIENCE:.0f} s; try again"
        raise InputError(message) from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        message = lines[-1] if lines else f"the issuer stopped with status {done.returncode}"
        raise InputError(message)
    return done.stdout
