"""Pictures of an evaluation folder, one at a time; a bad one is named, never fatal."""

from pathlib import Path

from edge.cameras.picture_file import read_picture
from edge.eval.subjects import Say
from models.errors import CameraFault
from recognition.face import Pixels

_EVERY = 100


def opened(path: Path, say: Say) -> Pixels | None:
    """Return the picture as BGR, or None after having said that it cannot be read."""
    try:
        return read_picture(path)
    except CameraFault as fault:
        say(f"counted as a miss: {fault}")
        return None


def progress(done: int, of: int, say: Say) -> None:
    """Say how far it is, once in a hundred pictures."""
    if done % _EVERY == 0 or done == of:
        say(f"{done} of {of}")
