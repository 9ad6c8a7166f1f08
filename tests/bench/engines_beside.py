"""The engines one line of configuration away, beside the defaults on the same frames: time alone.

`engines_faces_dlib` detects and embeds the same face with both face engines, `engines_codes_pyzbar`
reads the same pass with both code readers. How well they do is told by `kuahu eval`. An engine
whose extra is not installed has no row, and standard error says so.
"""

import sys
from collections.abc import Callable
from functools import partial

from config.settings import Recognition
from edge.vision_engines import Engines, load_engines
from recognition.face import Pixels
from tests.bench._blocks import BLOCKS, alternate, show, timed
from tests.bench._faces import largest
from tests.bench._frames import with_code, with_face
from tests.bench._row import About, Goal, Row

TIMES = 6
_UNIT = "the optional engine's median / the default's"


def main() -> None:
    """Print a row for each optional engine that is installed."""
    default = load_engines(Recognition())
    other = load_engines(Recognition(engine="dlib", codes="pyzbar"))
    for fault in other.faults:
        sys.stderr.write(f"  left out: {fault}\n")
    face, code = with_face(), with_code("KH1:" + "A1B2C3D4" * 18)
    beside = (
        ("engines_faces_dlib", "YuNet + SFace on the same 1280x720 frame", _faces, face),
        ("engines_codes_pyzbar", "zxing-cpp on the same 1280x720 frame", _codes, code),
    )
    for name, peer, once_with, frame in beside:
        ours, theirs = (once_with(engines, frame) for engines in (other, default))
        if ours is None or theirs is None:
            continue
        for once in (ours, theirs):
            once()
        taken = alternate({"ours": partial(timed, ours), "default": partial(timed, theirs)}, TIMES)
        about = About(name, peer, _UNIT, "ms", BLOCKS * TIMES)
        show(Row(about, Goal("<=", None), tuple(taken["ours"]), tuple(taken["default"])))


def _faces(engines: Engines, frame: Pixels) -> Callable[[], object] | None:
    faces = engines.faces
    return None if faces is None else lambda: faces.embed(frame, largest(faces, frame))


def _codes(engines: Engines, frame: Pixels) -> Callable[[], object] | None:
    codes = engines.codes
    return None if codes is None else lambda: _read(codes.read(frame))


def _read(found: tuple[object, ...]) -> None:
    if len(found) != 1:
        message = f"{len(found)} codes were read in a picture that shows one"
        raise RuntimeError(message)
