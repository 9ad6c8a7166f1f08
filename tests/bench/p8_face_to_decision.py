"""P8: from a decoded frame with a resident's face to the decision, against the models alone.

Timed is the third frame of a passage, the one that names: motion gate, detector, quality,
embedder, track, 1,000 residents compared, evidence picture, the message over a Unix socket,
register, decision. The peer detects and embeds in the same frame. The second row looks for codes
too, as a lane does that takes both; its peer then also reads codes.
"""

import socket

import numpy as np

from edge import wire
from edge.channel import Channel
from models.lane import Direction
from models.observation import FaceSeen
from recognition.look import Looker, Seen
from recognition.view import Look, Region, View
from tests.bench._blocks import BLOCKS, alternate, disk_folder, show, timed
from tests.bench._faces import Eyes, largest, open_eyes
from tests.bench._frames import with_face
from tests.bench._row import About, Goal, Row
from tests.bench._site import Site, site_on_disk

PASSAGES = 8
FRAME = 0.04
BOTH = frozenset({Look.FACE, Look.CODE})


def main() -> None:
    """Print P8 for a lane that takes faces, and one that takes codes too."""
    with disk_folder() as folder, site_on_disk(folder) as site:
        eyes = open_eyes(site)
        frames = [with_face(shift=2 * number) for number in range(3)]
        faces_only = Gate(site, eyes, frozenset({Look.FACE}))
        both = Gate(site, eyes, BOTH)
        models = Models(eyes, frames[-1])
        taken = alternate(
            {
                "ours": lambda: faces_only.passage(frames),
                "models": models.face,
                "ours_both": lambda: both.passage(frames),
                "models_both": models.both,
            },
            PASSAGES,
        )
    unit, n = "our median / sum of the models' times", BLOCKS * PASSAGES
    show(
        Row(
            About("P8", "YuNet + SFace on the same 1280x720 frame", unit, "ms", n),
            Goal("<=", 1.2),
            tuple(taken["ours"]),
            tuple(taken["models"]),
        ),
        Row(
            About("P8_with_codes", "YuNet + SFace + zxing-cpp", unit, "ms", n),
            Goal("<=", None),
            tuple(taken["ours_both"]),
            tuple(taken["models_both"]),
        ),
    )


class Gate:
    """Vision and core in one thread, a Unix socket between them."""

    def __init__(self, site: Site, eyes: Eyes, looks: frozenset[Look]) -> None:
        view = View(1, Direction.ENTRY, looks, Region(), 60)
        self._site = site
        self._looker = Looker("cam-1", (view,), eyes.faces, eyes.codes)
        self._looker.use(eyes.matcher())
        ours, theirs = socket.socketpair()
        self._vision, self._core = Channel(ours), Channel(theirs)
        self._eyes, self._passages = eyes, 0

    def passage(self, frames: list[np.ndarray]) -> float:
        """Return the milliseconds that the last frame of a passage takes to its decision."""
        self._passages += 1
        # A minute between two passages for the eyes, so that the same person is told again.
        captured = 60.0 * self._passages
        for number, frame in enumerate(frames[:-1]):
            if self._looker.look(frame, captured + FRAME * number):
                message = "a face was named before its third frame"
                raise RuntimeError(message)
        return timed(lambda: self._decide(frames[-1], captured + FRAME * len(frames)))

    def _decide(self, frame: np.ndarray, captured: float) -> None:
        (seen,) = self._looker.look(frame, captured)
        assert isinstance(seen, Seen)
        assert isinstance(seen.observation, FaceSeen)
        self._vision.send(wire.SawFace(seen.observation, seen.jpeg))
        heard = self._core.receive()
        assert isinstance(heard, wire.SawFace)
        assert heard.seen.resident == self._eyes.resident.resident_id
        self._site.decided(self._site.face(self._eyes.resident))


class Models:
    """The engines alone."""

    def __init__(self, eyes: Eyes, frame: np.ndarray) -> None:
        self._eyes, self._frame = eyes, frame

    def face(self) -> float:
        """Return the milliseconds to detect and embed."""
        faces, frame = self._eyes.faces, self._frame
        return timed(lambda: faces.embed(frame, largest(faces, frame)))

    def both(self) -> float:
        """Return the same with a look for codes."""
        return self.face() + timed(lambda: self._eyes.codes.read(self._frame))
