"""Leftovers: folders of demos that were killed, and of what they knew of their viewers."""

import os
import shutil
import tempfile
from pathlib import Path

from edge.store.lock import Lock
from models.errors import StoreFault

_PREFIX = "kuahu-demo-"
_LOCK = "demo.lock"


def fresh_folder() -> tuple[Path, Lock]:
    """Return a temporary folder of our own, and what keeps others from sweeping it away."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    return folder, Lock(folder / _LOCK)


def sweep() -> tuple[Path, ...]:
    """Remove the temporary folder of every demo of this user that runs no more; return them.

    A folder without a lock file has held nobody yet and stays.
    """
    gone = []
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        mine = not folder.is_symlink() and folder.stat().st_uid == os.getuid()
        if not mine or not (folder / _LOCK).is_file():
            continue
        try:
            lock = Lock(folder / _LOCK)
        except StoreFault:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        gone.append(folder)
    return tuple(gone)
