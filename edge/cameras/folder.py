"""A folder of pictures that stands in for a camera."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

from edge.cameras.pace import Pace
from edge.cameras.picture_file import read_picture
from edge.cameras.source import About, Picture
from models.errors import CameraFault
from recognition.face import Pixels

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


class FolderSource:
    """The pictures of a folder in the order of their names, each shown for `repeat` frames.

    `wait` sleeps for some seconds. Raises CameraFault when the folder holds no picture, or one
    that cannot be read.
    """

    def __init__(
        self,
        folder: Path,
        *,
        repeat: int,
        loop: bool,
        fps: float,
        clock: Callable[[], float],
        wait: Callable[[float], object],
    ) -> None:
        self._folder = folder
        self._repeat = repeat
        self._loop = loop
        self._fps = fps
        self._pace = Pace(clock, wait)
        self._paths = _pictures(folder)
        self._numbers = count()
        self._shown = read_picture(self._paths[0])
        self._at = 0

    def about(self) -> About:
        """Return size and pace of the pictures."""
        height, width = self._shown.shape[:2]
        return About("pictures", width, height, self._fps, live=False)

    def read(self) -> Picture | None:
        """Return the picture that is due, waiting for its time, or None after the last one.

        Raises CameraFault when a picture cannot be read.
        """
        number = next(self._numbers)
        turn = number // self._repeat
        if turn >= len(self._paths) and not self._loop:
            return None
        pixels = self._picture(turn % len(self._paths))
        return Picture(pixels, self._pace.until(number / self._fps))

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _picture(self, at: int) -> Pixels:
        if at != self._at:
            self._shown = read_picture(self._paths[at])
            self._at = at
        return self._shown


def _pictures(folder: Path) -> list[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError as error:
        message = f"the folder {folder} cannot be read ({error.strerror}); check the path in source"
        raise CameraFault(message, part="camera", advice="check the path in source") from error
    if not found:
        message = f"the folder {folder} holds no picture; put .jpg or .png files there"
        raise CameraFault(message, part="camera", advice="put .jpg or .png files there")
    return found
