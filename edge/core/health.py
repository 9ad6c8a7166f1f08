"""The store's troubles in words, with what to do."""

from edge.core.status import Trouble
from edge.store.disk import Mark
from edge.store.store import Store

_WORD = {Mark.WARNING: "nearly full", Mark.ALARM: "full"}


def store_troubles(store: Store) -> tuple[Trouble, ...]:
    """Return what is wrong with the disk and the files on it."""
    found: list[Trouble] = []
    if store.trouble is not None:
        advice = store.trouble.advice or "check the disk; the guard's button still opens"
        found.append(("store", str(store.trouble), advice))
    disk = store.disk
    if disk.mark in _WORD:
        used = 100 - disk.free * 100 // disk.total
        text = f"the disk is {_WORD[disk.mark]}: {used} % used"
        found.append(
            ("disk", text, "remove what does not belong to this box, or fit a larger disk")
        )
    return tuple(found)


def store_notices(store: Store) -> tuple[str, ...]:
    """Return what the guard should know of the disk while nothing is wrong yet."""
    return ("disk_filling",) if store.disk.mark is Mark.NOTICE else ()
