"""Backups: whole, checked copies, the keyring's apart from the data's and for seven days only."""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from edge.store.database import quick_check
from edge.store.folder import Folder, sync_dir
from models.errors import StoreFault

KEEP = timedelta(days=7)
"""How long any copy lives; the erasure receipt promises it."""
EVERY = timedelta(days=1)
_STAMP = "%Y%m%dT%H%M%S%fZ"
_SET_ASIDE = f"{'[0-9]' * 8}T{'[0-9]' * 12}Z-*"
"""How `mend` names the place of a damaged file: its stamp, and which file it was."""


def make(folder: Folder, now: datetime) -> None:
    """Write a copy of each file that has data.

    Raises StoreFault when a copy cannot be written or is not sound; the old ones stay.
    """
    stamp = stamp_text(now)
    for path, place in _places(folder):
        if path.exists() and path.stat().st_size:
            _copy(path, place / f"{path.stem}-{stamp}.db")


def is_due(folder: Folder, now: datetime) -> bool:
    """Return whether the newest copy of the register is a day old, or from the future."""
    made = [stamp_of(path) for path in _of(folder.data_copies, folder.register.stem)]
    return not made or not timedelta(0) <= now - max(made) < EVERY


def prune(folder: Folder, now: datetime) -> int:
    """Delete the copies and damaged files that are older than seven days, or of a wrong clock.

    Returns how many; `now` must be trusted. Raises StoreFault when one cannot be deleted.
    """
    old = [path for path, made in _all(folder) if not -EVERY <= now - made <= KEEP]
    _delete(old)
    return len(old)


def replaced(folder: Folder) -> tuple[str, ...]:
    """Return the names of the files that were damaged and replaced within the last seven days."""
    places = folder.damaged.glob(_SET_ASIDE)
    return tuple(sorted({f"{_stem_of(place)}.db" for place in places}))


def forget_damaged(folder: Folder, file: Path) -> None:
    """Delete what was set aside of a damaged file.

    Raises StoreFault when it cannot be deleted.
    """
    _delete([path for path in folder.damaged.glob(_SET_ASIDE) if _stem_of(path) == file.stem])


def last_day(folder: Folder, now: datetime) -> date:
    """Return the last day on which a copy or damaged file made until `now` may still be there."""
    made = [stamp for _, stamp in _all(folder)]
    return (max(made) + KEEP).date() if made else now.date()


def newest_good(folder: Folder, file: Path) -> Path | None:
    """Return the newest sound copy of a file, or None."""
    place = next(place for path, place in _places(folder) if path == file)
    newest_first = sorted(_of(place, file.stem), key=stamp_of, reverse=True)
    return next((path for path in newest_first if quick_check(path) is None), None)


def put_back(copy: Path, file: Path) -> None:
    """Put a copy in a file's place, whole or not at all."""
    half = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    shutil.copyfile(copy, half)
    half.chmod(0o600)
    with half.open("rb+") as handle:
        os.fsync(handle.fileno())
    half.replace(file)
    sync_dir(file.parent)


def stamp_text(at: datetime) -> str:
    """Return a time as the names of copies say it."""
    return at.astimezone(UTC).strftime(_STAMP)


def stamp_of(path: Path) -> datetime:
    """Return when a copy was made, which its name says."""
    return _time(path.stem.rpartition("-")[2])


def _all(folder: Folder) -> list[tuple[Path, datetime]]:
    """Return every copy and every place of a damaged file, and when each was made."""
    whole = [path for file, place in _places(folder) for path in _of(place, file.stem)]
    damaged = folder.damaged.glob(_SET_ASIDE)
    return [
        *((path, stamp_of(path)) for path in whole),
        *((path, _time(path.name.partition("-")[0])) for path in damaged),
    ]


def _time(text: str) -> datetime:
    return datetime.strptime(text, _STAMP).replace(tzinfo=UTC)


def _stem_of(place: Path) -> str:
    return place.name.partition("-")[2]


def _delete(paths: Sequence[Path]) -> None:
    for path in paths:
        try:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            message = f"{path.name} is over and cannot be deleted: {error}"
            advice = "Look at the disk: it may be read-only, or the file belong to someone else."
            raise StoreFault(message, part="store", advice=advice) from error


def _places(folder: Folder) -> tuple[tuple[Path, Path], ...]:
    return (
        (folder.register, folder.data_copies),
        (folder.biometrics, folder.data_copies),
        (folder.keyring, folder.key_copies),
    )


def _of(place: Path, stem: str) -> Iterator[Path]:
    return place.glob(f"{stem}-*Z.db")


def _copy(source: Path, target: Path) -> None:
    half = target.with_name(f".{target.name}")
    advice = "Free some space, or look at the disk with `kuahu doctor`."
    try:
        os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(half)) as new:
            old.backup(new)
            # One file that needs no log beside it.
            new.execute("PRAGMA journal_mode = DELETE").close()
        found = quick_check(half)
        if found is not None:
            message = f"the backup of {source.name} is not sound: {found}"
            raise StoreFault(message, part="store", advice=advice)
        half.replace(target)
        sync_dir(target.parent)
    except (OSError, sqlite3.Error) as error:
        message = f"{source.name} could not be backed up: {error}"
        raise StoreFault(message, part="store", advice=advice) from error
    finally:
        half.unlink(missing_ok=True)
