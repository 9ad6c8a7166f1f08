"""The disk under the store: how full it is, and the ballast that is given up first."""

import os
import shutil
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

BALLAST = 64 * 1024 * 1024
_NOTHING = 1024 * 1024


class Mark(IntEnum):
    """The highest watermark that the disk has passed, in percent; 0 below all of them."""

    NONE = 0
    NOTICE = 70
    WARNING = 85
    ALARM = 95


@dataclass(frozen=True, slots=True)
class DiskState:
    """How full the disk is: bytes, the watermark passed, and whether the ballast is still there."""

    total: int
    free: int
    mark: Mark
    ballast: bool


def mark_of(total: int, free: int) -> Mark:
    """Return the highest watermark that a disk with these bytes has passed."""
    used = total - free
    return max(mark for mark in Mark if used * 100 >= mark * total)


def disk_state(ballast: Path) -> DiskState:
    """Return the state of the disk that the ballast lies on."""
    usage = shutil.disk_usage(ballast.parent)
    return DiskState(usage.total, usage.free, mark_of(usage.total, usage.free), ballast.exists())


def is_full(place: Path) -> bool:
    """Return whether the disk under `place` has less than a megabyte left."""
    return shutil.disk_usage(place).free < _NOTHING


def load_ballast(path: Path, size: int) -> bool:
    """Return whether the ballast is there, made now where the disk has room four times over."""
    if size <= 0:
        return False
    if path.exists():
        return True
    try:
        if shutil.disk_usage(path.parent).free < 4 * size:
            return False
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(handle, 0, size)
        finally:
            os.close(handle)
    except OSError:
        path.unlink(missing_ok=True)
        return False
    return True


def drop_ballast(path: Path) -> None:
    """Give the ballast's room to the log; the log writes on while people make space."""
    path.unlink(missing_ok=True)
