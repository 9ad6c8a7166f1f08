"""P5: from a decoded frame with a pass in it to the decision, before anything is recorded.

Ours is the whole way of vision and core: motion gate, code reader with its second chance, evidence
picture, the message over a Unix socket, signature, register, decision. The peer reads the same
frame with bare zxing-cpp, with the options that we use, and checks the Ed25519 signature.
"""

import socket
import time

import numpy as np
import zxingcpp

from edge import wire
from edge.channel import Channel
from gate.passes import read
from models.lane import Direction
from models.observation import PassShown
from recognition.look import Looker, Seen
from recognition.second_chance import SecondChance
from recognition.view import Look, Region, View
from recognition.zxing_codes import ZxingCodes
from tests.bench._blocks import BLOCKS, alternate, disk_folder, show, timed
from tests.bench._frames import with_code
from tests.bench._row import About, Goal, Row
from tests.bench._site import Site, site_on_disk

FRAMES = 40
PICTURES = 8
VIEW = View(1, Direction.ENTRY, frozenset({Look.CODE}), Region(), 60)


def main() -> None:
    """Print P5."""
    with disk_folder() as folder, site_on_disk(folder) as site:
        tokens = [site.token() for _ in range(PICTURES)]
        frames = [with_code(token, seed) for seed, token in enumerate(tokens)]
        gate, bare = Gate(site, frames), Bare(site, frames)
        for _ in range(PICTURES):
            gate.once()
            bare.once()
        taken = alternate(
            {"ours": lambda: timed(gate.once), "bare": lambda: timed(bare.once)}, FRAMES
        )
    about = About(
        "P5",
        "zxing-cpp on the same 1280x720 frame + Ed25519 check",
        "our median / peer's median",
        "ms",
        BLOCKS * FRAMES,
    )
    show(Row(about, Goal("<=", 1.25), tuple(taken["ours"]), tuple(taken["bare"])))


class Gate:
    """Vision and core in one thread, a Unix socket between them."""

    def __init__(self, site: Site, frames: list[np.ndarray]) -> None:
        self._site, self._frames, self._next = site, frames, 0
        codes = SecondChance(ZxingCodes(), time.monotonic)
        self._looker = Looker("cam-1", (VIEW,), None, codes)
        ours, theirs = socket.socketpair()
        self._vision, self._core = Channel(ours), Channel(theirs)

    def once(self) -> None:
        """Carry the next frame to its decision."""
        frame = self._frames[self._next % len(self._frames)]
        self._next += 1
        captured = self._site.clock.now().mono
        # Time runs a minute a frame for the eyes, so that each code is told again.
        (seen,) = self._looker.look(frame, captured + 60.0 * self._next)
        assert isinstance(seen, Seen)
        assert isinstance(seen.observation, PassShown)
        self._vision.send(wire.SawCode(seen.observation, seen.jpeg))
        heard = self._core.receive()
        assert isinstance(heard, wire.SawCode)
        self._site.decided(self._site.shown(heard.seen.text))


class Bare:
    """The libraries alone."""

    def __init__(self, site: Site, frames: list[np.ndarray]) -> None:
        self._keys = {1: site.key.public_key()}
        self._frames, self._next = frames, 0

    def once(self) -> None:
        """Read the next frame and check the signature."""
        frame = self._frames[self._next % len(self._frames)]
        self._next += 1
        (found,) = zxingcpp.read_barcodes(
            frame,
            formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]),
            text_mode=zxingcpp.TextMode.Plain,
        )
        claims = read(found.text, self._keys)
        assert not isinstance(claims, str), claims
