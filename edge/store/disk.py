"""The disk under the store: how full it is, and the ballast that is given up first."""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

BALLAST = 64 * 1024 * 1024
RESERVE = 512 * 1024
"""What stays of the ballast until a start on a full disk needs it to open its files."""
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
    """Return the state of the disk that the ballast lies on; a disk that is gone counts as full."""
    try:
        usage = shutil.disk_usage(ballast.parent)
    except OSError:
        return DiskState(total=1, free=0, mark=Mark.ALARM, ballast=False)
    return DiskState(
        usage.total, usage.free, mark_of(usage.total, usage.free), _size(ballast) > RESERVE
    )


def is_full(place: Path) -> bool:
    """Return whether the disk under `place` has less than a megabyte left."""
    return shutil.disk_usage(place).free < _NOTHING


def load_ballast(path: Path, size: int) -> None:
    """Lay the ballast, `size` bytes, where the disk has room four times over; 0 lays none."""
    for want in (size, min(size, RESERVE)):
        if want <= 0 or _size(path) >= want:
            return
        if shutil.disk_usage(path.parent).free < 4 * want:
            continue
        with suppress(OSError):
            _fill(path, want)
            return


def drop_ballast(path: Path) -> None:
    """Give the ballast's room to the log, all but the reserve that the next start may need."""
    if _size(path) > RESERVE:
        with path.open("rb+") as file:
            file.truncate(RESERVE)


def drop_reserve(path: Path) -> None:
    """Give the last of it to a start on a full disk, which needs room to open its files."""
    path.unlink(missing_ok=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _fill(path: Path, size: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(handle, 0, size)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
