"""Evidence crops: encrypted files named by their event, written beside the path of the decision.

A crop's key is derived from the device key and the salt of the event's personal part: erasing the
part makes every copy of the file unreadable. A lost crop never stops a decision.
"""

import os
import queue
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge.store.sealing import NONCE_BYTES, derived, lock_away, take_out

_WAITING = 32


@dataclass(frozen=True, slots=True)
class Crop:
    """One picture that is to be kept: the event that it belongs to and the event's salt."""

    journal: str
    seq: int
    salt: bytes
    picture: bytes


class Evidence:
    """A shelf of encrypted pictures and the thread that fills it; a full queue drops the newest."""

    def __init__(self, folder: Path, device: bytes) -> None:
        self._folder = folder
        self._device = device
        self._crops: queue.Queue[Crop | None] = queue.Queue(_WAITING)
        self._held: dict[tuple[str, int], bytes] = {}
        self._lost = 0
        self._thread = threading.Thread(target=self._run, name="store-evidence", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """How many pictures could not be kept."""
        return self._lost

    def keep(self, crop: Crop) -> None:
        """Hand over a picture; returns at once."""
        self._held[crop.journal, crop.seq] = crop.picture
        try:
            self._crops.put_nowait(crop)
        except queue.Full:
            self._held.pop((crop.journal, crop.seq), None)
            self._lost += 1

    def picture(self, journal: str, seq: int, salt: bytes) -> bytes | None:
        """Return the picture of an event, or None when it was lost, erased or changed."""
        held = self._held.get((journal, seq))
        if held is not None:
            return held
        try:
            content = self._path(journal, seq).read_bytes()
        except OSError:
            return None
        nonce, box = content[:NONCE_BYTES], content[NONCE_BYTES:]
        return take_out(self._key(salt), nonce, box, _about(journal, seq))

    def forget(self, events: Iterable[tuple[str, int]]) -> None:
        """Delete the pictures of (journal, seq) pairs."""
        for journal, seq in events:
            self._held.pop((journal, seq), None)
            self._path(journal, seq).unlink(missing_ok=True)

    def close(self) -> None:
        """Write what is waiting, then stop."""
        self._crops.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (crop := self._crops.get()) is not None:
            try:
                self._write(crop)
            except OSError:
                self._lost += 1
            self._held.pop((crop.journal, crop.seq), None)

    def _write(self, crop: Crop) -> None:
        if (crop.journal, crop.seq) not in self._held:
            return
        nonce, box = lock_away(self._key(crop.salt), crop.picture, _about(crop.journal, crop.seq))
        path = self._path(crop.journal, crop.seq)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(nonce + box)

    def _path(self, journal: str, seq: int) -> Path:
        return self._folder / f"{journal}-{seq}.crop"

    def _key(self, salt: bytes) -> bytes:
        return derived(self._device, "evidence", salt)


def _about(journal: str, seq: int) -> bytes:
    return f"{journal}:{seq}".encode()
