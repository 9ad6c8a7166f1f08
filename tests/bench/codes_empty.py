"""codes_empty: what looking for codes costs where there is none, and what a second chance reads.

Ours is the code reader as vision uses it, second chance included. The peers are zxing-cpp and
pyzbar alone on the same frames. `codes_hard` counts codes instead of time: those read of frames
that are dark or dazzled (tests/fakes/hard_codes.py), ours over bare zxing-cpp.
"""

import itertools
import sys
import time

import numpy as np

from models.errors import RecogniserFault
from recognition.ports import CodeReader
from recognition.pyzbar_codes import PyzbarCodes
from recognition.second_chance import SecondChance
from recognition.zxing_codes import ZxingCodes
from tests.bench._blocks import BLOCKS, alternate, show, timed
from tests.bench._frames import scene, with_code
from tests.bench._row import About, Goal, Row
from tests.fakes.hard_codes import hard_frame

TIMES = 24
SCENES = 8
HARD = 20
"""Frames of each kind in one block of `codes_hard`."""


def main() -> None:
    """Print the rows; those against pyzbar only where it is installed."""
    readers: dict[str, CodeReader] = {
        "ours": SecondChance(ZxingCodes(), time.monotonic),
        "zxing-cpp": ZxingCodes(),
    }
    try:
        readers["pyzbar"] = PyzbarCodes()
    except RecogniserFault as fault:
        sys.stderr.write(f"  {fault}\n")
    empty = [scene(seed) for seed in range(SCENES)]
    shown = [with_code("KH1:" + "A1B2C3" * 25, seed) for seed in range(SCENES)]
    for name, frames in (("codes_empty", empty), ("codes_read", shown)):
        taken = alternate(
            {who: _Looks(reader, frames).once for who, reader in readers.items()}, TIMES
        )
        for peer in [who for who in readers if who != "ours"]:
            bar = 1.5 if (name, peer) == ("codes_empty", "zxing-cpp") else None
            about = About(
                name if peer == "zxing-cpp" else f"{name}_{peer}",
                f"bare {peer} on the same 1280x720 frame",
                "our median / peer's median",
                "ms",
                BLOCKS * TIMES,
            )
            show(Row(about, Goal("<=", bar), tuple(taken["ours"]), tuple(taken[peer])))
    show(*(_hard(kind) for kind in ("dark", "glare")))


class _Looks:
    """One reader, shown one frame after the other."""

    def __init__(self, reader: CodeReader, frames: list[np.ndarray]) -> None:
        self._reader = reader
        self._frames = itertools.cycle(frames)

    def once(self) -> float:
        frame = next(self._frames)
        return timed(lambda: self._reader.read(frame))


def _hard(kind: str) -> Row:
    ours, bare = [], []
    for block in range(BLOCKS):
        frames = [hard_frame(kind, 10_000 + block * HARD + number) for number in range(HARD)]
        reader = ZxingCodes()
        counted = [0, 0]
        for frame in frames:
            # Each frame stands alone, so each has the whole budget.
            both: tuple[CodeReader, ...] = (SecondChance(reader, time.monotonic), reader)
            for side, one in enumerate(both):
                counted[side] += frame.text in {code.text for code in one.read(frame.pixels)}
        ours.append(counted[0] / HARD)
        bare.append(counted[1] / HARD)
    about = About(
        f"codes_hard_{kind}",
        "bare zxing-cpp on the same drawn frames",
        "codes read / peer's",
        "share of codes read",
        BLOCKS * HARD,
    )
    return Row(about, Goal(">=", 1.0), tuple(ours), tuple(bare))
