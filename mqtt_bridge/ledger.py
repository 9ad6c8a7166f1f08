"""The actuation ledger: what a relay really did, one JSON object a line, never changed.

It is the truth that tests compare every report and every journal with.
"""

import os
from pathlib import Path
from typing import Self

import msgspec

from models.command import Action, Position
from models.sensor import Input
from mqtt_bridge.relay_core import Cause


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One actuation; `t` is seconds of CLOCK_MONOTONIC, the rest is what the relay knew then.

    `cmd_id` and `seq` are None where the relay moved by itself.
    """

    t: float
    relay: str
    lane: int
    action: Action
    cause: Cause
    cmd_id: str | None
    seq: int | None
    epoch: str
    inputs: dict[Input, bool]
    position: Position


class Ledger:
    """Appends entries to a file; each is on the disk before `write` returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, entry: Entry) -> None:
        """Append one entry durably.

        Raises OSError when the disk will not take it.
        """
        self._file.write(msgspec.json.encode(entry) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_ledger(path: Path) -> tuple[Entry, ...]:
    """Return every whole entry of a ledger, none where there is no file yet."""
    if not path.exists():
        return ()
    lines = path.read_bytes().split(b"\n")[:-1]
    return tuple(msgspec.json.decode(line, type=Entry) for line in lines)
