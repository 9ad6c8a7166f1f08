"""At start: a damaged file is set aside for a week and replaced by its newest good backup."""

from datetime import datetime
from pathlib import Path

from edge.store import copies
from edge.store.database import quick_check
from edge.store.folder import Folder, sync_dir
from models.errors import StoreFault


def mend(folder: Folder, now: datetime) -> dict[str, str]:
    """Return what was wrong with each file that was replaced, by the file's name.

    Templates without a backup start empty (people enrol again); a register or keyring without one
    raises StoreFault, because an empty one would forget whom to refuse.
    """
    mended: dict[str, str] = {}
    for file in (folder.register, folder.biometrics, folder.keyring):
        wrong = _wrong(folder, file)
        if wrong is None:
            continue
        copy = copies.newest_good(folder, file)
        if copy is None and file != folder.biometrics:
            message = f"{file.name} is damaged ({wrong}) and has no good backup"
            advice = f"Put a copy of {file.name} into {folder.root}, or begin in a new folder."
            raise StoreFault(message, part="store", advice=advice)
        try:
            _set_aside(folder, file, now)
            if copy is not None:
                copies.put_back(copy, file)
        except OSError as error:
            message = f"{file.name} is damaged ({wrong}) and cannot be replaced: {error}"
            advice = "Look at the disk: it may be full or read-only."
            raise StoreFault(message, part="store", advice=advice) from error
        mended[file.name] = wrong
    return mended


def _wrong(folder: Folder, file: Path) -> str | None:
    if not file.exists() or not file.stat().st_size:
        # Before the first start is complete an empty file is nothing lost.
        if not folder.made.exists():
            return None
        return "it is empty" if file.exists() else "it is missing"
    return quick_check(file)


def _set_aside(folder: Folder, file: Path, now: datetime) -> None:
    place = folder.damaged / f"{copies.stamp_text(now)}-{file.stem}"
    place.mkdir(mode=0o700, parents=True)
    for part in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        if part.exists():
            part.replace(place / part.name)
    sync_dir(place)
    sync_dir(file.parent)
