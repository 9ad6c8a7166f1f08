"""What a store says of itself while no core runs: read, never opened for writing, never mended."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edge.store import copies, disk, outbox
from edge.store.database import quick_check, reading
from edge.store.disk import DiskState
from edge.store.folder import Folder
from edge.store.reads import Reads
from edge.store.words import Backlog
from models.errors import StoreFault


@dataclass(frozen=True, slots=True)
class Dormant:
    """A store that nothing runs on."""

    there: bool
    """Whether there is a register at all."""
    damage: str
    """What is wrong with the register; empty where nothing is."""
    restored: tuple[str, ...]
    """The files that a backup has replaced within the last week."""
    backlog: Backlog | None
    """What waits for the centre; None where it cannot be read."""
    disk: DiskState


def look(root: Path) -> Dormant:
    """Return what the state folder `root` shows; nothing in it is changed."""
    folder = Folder(root)
    there = folder.register.exists()
    damage, backlog = "", None
    if there:
        try:
            damage = quick_check(folder.register) or ""
        except StoreFault as fault:
            damage = str(fault)
        if not damage:
            with suppress(StoreFault):
                backlog = _backlog(folder.register)
    here = folder.ballast if root.exists() else root
    return Dormant(there, damage, copies.replaced(folder), backlog, disk.disk_state(here))


def _backlog(register: Path) -> Backlog:
    reads = Reads(reading(register))
    try:
        return reads(outbox.backlog)
    finally:
        reads.close()
