#!/usr/bin/env python3
"""What an upgrade asks of the state: a backup, whether this version can read it, and a way back.

- `state.py backup`: the store's own copy of each file; what is there stays.
- `state.py knows`: 0 where this version reads every file; 1 and why where one is newer.
- `state.py set-aside`: puts away what this version cannot read, so that its next start takes the
  newest copy that it can; refused where that could undo an erasure.
"""

import argparse
import os
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from config.load import load
from edge.clock import SystemClock
from edge.store import copies
from edge.store.database import quick_check, reading
from edge.store.folder import Folder, prepare, sync_dir
from edge.store.lock import Lock
from edge.store.migrate import (
    BIOMETRICS_SCHEMA,
    KEYRING_SCHEMA,
    REGISTER_SCHEMA,
    Schema,
    is_current,
)
from models.errors import ConfigError, KuahuError, StoreFault

Tombstone = tuple[str, str, str]


def files(folder: Folder) -> tuple[tuple[Path, Path, Schema], ...]:
    """Return each file of the store with the place of its copies and its schema."""
    return (
        (folder.register, folder.data_copies, REGISTER_SCHEMA),
        (folder.biometrics, folder.data_copies, BIOMETRICS_SCHEMA),
        (folder.keyring, folder.key_copies, KEYRING_SCHEMA),
    )


def newer(path: Path, schema: Schema) -> StoreFault | None:
    """Return the refusal where the file at `path` was written by a newer version, or None."""
    if not path.exists() or not path.stat().st_size:
        return None
    engine = reading(path)
    try:
        is_current(schema, engine)
    except StoreFault as fault:
        return fault
    finally:
        engine.dispose()
    return None


def unread(folder: Folder) -> dict[Path, StoreFault]:
    """Return the files that this version cannot read, each with why."""
    refused = ((path, newer(path, schema)) for path, _, schema in files(folder))
    return {path: fault for path, fault in refused if fault is not None}


def readable_copy(folder: Folder, file: Path) -> Path | None:
    """Return the newest sound copy of `file` that this version can read, or None."""
    place, schema = next((place, schema) for path, place, schema in files(folder) if path == file)
    newest_first = sorted(place.glob(f"{file.stem}-*Z.db"), key=copies.stamp_of, reverse=True)
    good = (copy for copy in newest_first if newer(copy, schema) is None)
    return next((copy for copy in good if quick_check(copy) is None), None)


def tombstones(folder: Folder) -> set[Tombstone]:
    """Return every tombstone of the register and the keyring as they are now.

    Raises StoreFault where they cannot be read: then nothing may go back, for it might bring
    somebody back who was erased.
    """
    found: set[Tombstone] = set()
    for path, table in ((folder.register, "tombstone"), (folder.keyring, "erased")):
        try:
            with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as raw:
                found |= set(raw.execute(f"SELECT id, kind, at FROM {table}"))  # noqa: S608 - our own two names
        except sqlite3.Error as error:
            message = f"the erasures in {path.name} cannot be read: {error}"
            advice = "Start the newer version again; going back could bring back erased people."
            raise StoreFault(message, part="store", advice=advice) from error
    return found


def set_aside(folder: Folder, now: datetime) -> list[str]:
    """Put away what this version cannot read; return what was done, in words.

    The register's and the templates' copies are put in place by the next start, which then begins a
    new journal. The keyring's is put in place here, first and in one step, with every tombstone of
    today: cut off anywhere, this is done again from where it stopped.
    """
    refused = unread(folder)
    sources = {path: readable_copy(folder, path) for path in refused}
    for path, fault in refused.items():
        if sources[path] is None:
            message = f"{fault}, and there is no backup of {path.name} that this version can read"
            advice = "Start the newer version again; nothing was changed."
            raise StoreFault(message, part="store", advice=advice)
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    words = []
    for path, place, schema in reversed(files(folder)):
        away = folder.damaged / f"{stamp}-newer-{path.stem}"
        copy = sources.get(path)
        if copy is not None:
            _empty_log(path)
            away.mkdir(mode=0o700, parents=True)
            if path == folder.keyring:
                _exchange(path, copy, away, tombstones(folder))
            else:
                _move(path, away)
            made = copies.stamp_of(copy).strftime("%Y-%m-%d %H:%M:%S UTC")
            words.append(f"{path.name}: the copy of {made} is used; the newer file lies in {away}")
        for newer_copy in [one for one in place.glob(f"{path.stem}-*Z.db") if newer(one, schema)]:
            away.mkdir(mode=0o700, parents=True, exist_ok=True)
            _move(newer_copy, away)
    return words


def _empty_log(path: Path) -> None:
    """Write a file's log back into it, so that one file is all there is to move."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def _move(path: Path, away: Path) -> None:
    path.replace(away / path.name)
    sync_dir(path.parent)
    sync_dir(away)


def _exchange(keyring: Path, copy: Path, away: Path, buried: set[Tombstone]) -> None:
    """Put `copy` with the tombstones in the keyring's place; the keyring goes into `away`."""
    half = keyring.with_name(f".{keyring.name}.back")
    copies.put_back(copy, half)
    with closing(sqlite3.connect(half)) as raw, raw:
        raw.executemany("INSERT OR IGNORE INTO erased (id, kind, at) VALUES (?, ?, ?)", buried)
    os.link(keyring, away / keyring.name)
    sync_dir(away)
    half.replace(keyring)
    sync_dir(keyring.parent)


def answer(command: str, folder: Folder) -> int:
    """Do one command; return the status to end with."""
    now = SystemClock().now().utc
    if command == "backup":
        copies.make(folder, now)
        return 0
    if command == "knows":
        refused = unread(folder)
        for path, fault in refused.items():
            print(f"{fault}; {fault.advice}", file=sys.stderr)  # noqa: T201 - a command's answer
            copy = readable_copy(folder, path)
            if copy is not None:
                made = copies.stamp_of(copy).strftime("%Y-%m-%d %H:%M:%S UTC")
                print(f"  a backup that it knows was made {made}", file=sys.stderr)  # noqa: T201
        return 1 if refused else 0
    lock = Lock(folder.lock)
    try:
        print("\n".join(set_aside(folder, now)), file=sys.stderr)  # noqa: T201 - a command's answer
    finally:
        lock.release()
    return 0


def main() -> int:
    """Return the status to end with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["backup", "knows", "set-aside"])
    parser.add_argument("--config", type=Path, required=True, help="the site file")
    asked = parser.parse_args()
    try:
        root = load(asked.config).site.state
        if not Folder(root).made.exists():
            return 0
        return answer(asked.command, prepare(root))
    except (ConfigError, KuahuError, OSError) as error:
        advice = getattr(error, "advice", "")
        print(f"{error}" + (f"; {advice}" if advice else ""), file=sys.stderr)  # noqa: T201
        return 1


if __name__ == "__main__":
    sys.exit(main())
