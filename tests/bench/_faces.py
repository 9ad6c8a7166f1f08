"""The engines as shipped, somebody whom they know, and a register of a thousand others."""

from dataclasses import dataclass

import numpy as np

from config.settings import Recognition
from edge.vision_engines import Engines, load_engines
from models.registry import Resident
from models.template import Gallery, Template
from recognition.face import Face, Pixels, Vector
from recognition.gallery import Matcher
from recognition.ports import CodeReader, FaceEngine
from tests.bench._frames import with_face
from tests.bench._site import Site

OTHERS = 1000
_DIMENSIONS = 128


@dataclass(frozen=True, slots=True)
class Eyes:
    """What vision looks with; `gallery` holds the resident among a thousand others."""

    engines: Engines
    faces: FaceEngine
    codes: CodeReader
    resident: Resident
    gallery: Gallery

    def matcher(self) -> Matcher:
        """Return the gallery as it is compared with."""
        return Matcher(self.gallery, self.faces.engine, self.faces.impostors)


def open_eyes(site: Site) -> Eyes:
    """Load the default engines and enrol the person of `with_face`."""
    engines = load_engines(Recognition())
    faces, codes = engines.faces, engines.codes
    if faces is None or codes is None:
        message = f"an engine is off: {engines.faults}"
        raise RuntimeError(message)
    frame = with_face()
    vector = faces.embed(frame, largest(faces, frame))
    own = Template(faces.engine, vector.astype(np.float32).tobytes())
    resident = site.resident("Grace", (own,))
    draw = np.random.default_rng(1)
    rows = [(resident.resident_id, "3-1-502", own)]
    for number in range(OTHERS):
        template = Template(faces.engine, _someone(draw).tobytes())
        rows += [(f"{number:016x}", f"1-1-{number}", template)] * 2
    return Eyes(engines, faces, codes, resident, Gallery(site.store.gallery_version, tuple(rows)))


def largest(faces: FaceEngine, frame: Pixels) -> Face:
    """Return the largest face of a frame that has one."""
    found = faces.detect(frame)
    if not found:
        message = "no face was found in a picture that shows one"
        raise RuntimeError(message)
    return found[0]


def _someone(draw: np.random.Generator) -> Vector:
    vector = draw.standard_normal(_DIMENSIONS)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)
