"""Two portraits in the public domain, and one picture without a face, out of installed packages."""

from importlib.util import find_spec
from pathlib import Path


def grace_hopper() -> Path:
    """Return a photo of Grace Hopper (United States Navy, public domain), 512x600."""
    return _inside("matplotlib") / "mpl-data" / "sample_data" / "grace_hopper.jpg"


def eileen_collins() -> Path:
    """Return a photo of Eileen Collins (NASA, public domain), 512x512."""
    return _inside("skimage") / "data" / "astronaut.png"


def nobody() -> Path:
    """Return a photo of a rocket on its pad (NASA, public domain); it shows no face."""
    return _inside("skimage") / "data" / "rocket.jpg"


def _inside(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        message = f"{package} holds a test portrait and is not installed: run ./setup test"
        raise FileNotFoundError(message)
    return Path(spec.origin).parent
