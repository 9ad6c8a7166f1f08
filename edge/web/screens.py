"""Screens: which key of each lane's screens is good, and whose camera is the lane's."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec

from edge.places import keep_secret
from models.errors import StoreFault

SCREENS_FILE = "web.screens.json"


class Screens:
    """The lanes' generations of keys, kept in a state folder; a lane without one is at 0."""

    def __init__(self, folder: Path) -> None:
        """Raise StoreFault when what is kept cannot be read."""
        self._path = folder / SCREENS_FILE
        self._generations = _read(self._path)
        self._cameras: dict[int, str] = {}
        self._turn = asyncio.Lock()

    def generation(self, lane: int) -> int:
        """Return the generation of `lane`'s good key."""
        return self._generations.get(lane, 0)

    async def renew(self, lane: int) -> None:
        """Make every key and screen of `lane` void, once that is on disk.

        Raises StoreFault, and changes nothing, when it cannot be written.
        """
        async with self._turn:
            raised = {**self._generations, lane: self.generation(lane) + 1}
            text = msgspec.json.encode(raised).decode()
            try:
                await asyncio.to_thread(keep_secret, self._path, text)
            except OSError as error:
                message = f"cannot write {self._path}: {error}"
                advice = "see whether the disk is full"
                raise StoreFault(message, part="web", advice=advice) from error
            self._generations = raised
            self._cameras.pop(lane, None)

    def begin(self, lane: int, device: str) -> None:
        """Take note that `device` is the newest to turn its camera on at `lane`."""
        self._cameras[lane] = device

    def films(self, lane: int, device: str) -> bool:
        """Return whether `device` is the one whose camera is the lane's; the first one, if none."""
        return self._cameras.setdefault(lane, device) == device


def _read(path: Path) -> Mapping[int, int]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[int, int])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        message = f"cannot read {path}: {error}"
        advice = (
            "delete it together with web.secret, or keys that were taken back are good again; "
            "everyone logs in again, and lane screens are opened from the desk again"
        )
        raise StoreFault(message, part="web", advice=advice) from error
