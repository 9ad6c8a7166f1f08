"""P9b: the shipped plate engine beside hyperlpr2 as shipped, on the same labelled scenes.

Accuracy counts a scene when its label is among the readings, however sure. The scenes are those of
the evaluation data (KUAHU_DATA, else ../shared/data); part of them was seen when our thresholds
were chosen, so that the accuracy flatters us. Where they or hyperlpr2 are not to be had, the row
says so and holds our figures alone.
"""

import csv
import random
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from edge.demo.plate_paint import painted
from edge.demo.plate_view import Seen, placed, tilted
from edge.plate_engine import load_plates
from models.plate import PlateKind
from plates.eye import PlateEye
from tests.bench._blocks import BLOCKS, disk_folder, show, timed
from tests.bench._frames import scene
from tests.bench._hyperlpr import HyperLpr
from tests.bench._row import About, Goal, Row
from tests.fakes.data import data

SCENES = 140


def main() -> None:
    """Print how much time ours takes against hyperlpr2's, and how many scenes each reads."""
    with disk_folder() as folder:
        scenes, what = _scenes(folder)
        eye = load_plates()
        try:
            with HyperLpr() as peer:
                blocks = [_block(eye, peer, part) for part in _parts(scenes)]
        except OSError as error:
            sys.stderr.write(f"  HYPERLPR2 COULD NOT BE INSTALLED OR RUN: {error}\n")
            blocks = [_block(eye, None, part) for part in _parts(scenes)]
            _show(blocks, f"NONE: hyperlpr2 could not be installed or run ({error})", what)
            return
    _show(blocks, "hyperlpr2 2.0.0 as shipped, OpenCV 4.14, one thread", what)


@dataclass(slots=True)
class Turn:
    """What one block came to."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    right: int = 0
    peer_right: int = 0


def _block(eye: PlateEye, peer: HyperLpr | None, part: list[tuple[Path, str]]) -> Turn:
    turn = Turn()
    for number, (path, label) in enumerate(part):
        if peer is not None and number % 2:
            _theirs(peer, path, label, turn)
        picture = cv2.imread(str(path))
        found: list[str] = []
        turn.ours.append(timed(lambda: found.extend(_read(eye, picture))))  # noqa: B023 - called at once
        turn.right += label in found
        if peer is not None and not number % 2:
            _theirs(peer, path, label, turn)
    sys.stderr.write(
        f"  {len(part)} scenes: {turn.right} of ours right, {turn.peer_right} of the peer's\n"
    )
    return turn


def _read(eye: PlateEye, picture: cv2.typing.MatLike) -> list[str]:
    return [plate.reading.text for plate in eye.look(picture)]


def _theirs(peer: HyperLpr, path: Path, label: str, turn: Turn) -> None:
    texts, took = peer.read(path)
    turn.theirs.append(took)
    turn.peer_right += label in texts


def _show(blocks: list[Turn], peer: str, what: str) -> None:
    n = sum(len(turn.ours) for turn in blocks)
    mine = tuple(statistics.median(turn.ours) for turn in blocks)
    held = all(turn.theirs for turn in blocks)
    other = tuple(statistics.median(turn.theirs) for turn in blocks) if held else ()
    right = tuple(max(turn.right, 0.5) / len(turn.ours) for turn in blocks)
    peer_right = tuple(max(turn.peer_right, 0.5) / len(turn.ours) for turn in blocks)
    show(
        Row(
            About("P9b_time", peer, f"our median / peer's median, {what}", "ms", n),
            Goal("<=", None),
            mine,
            other,
        ),
        Row(
            About("P9b_exact", peer, f"our share read exactly / peer's, {what}", "of 1", n),
            Goal(">=", 1.0 if held else None),
            right,
            peer_right if held else (),
        ),
    )


def _parts(scenes: list[tuple[Path, str]]) -> list[list[tuple[Path, str]]]:
    random.Random(9).shuffle(scenes)
    return [scenes[number::BLOCKS] for number in range(BLOCKS)]


def _scenes(folder: Path) -> tuple[list[tuple[Path, str]], str]:
    """Return labelled scenes and what they are: the evaluation data, else painted ones."""
    root = data()
    table = root / "plates" / "labels.csv" if root is not None else None
    if table is not None and table.is_file():
        with table.open(encoding="utf-8-sig", newline="") as rows:
            found = [
                (table.parent / row["file"], row["plate"])
                for row in csv.DictReader(rows)
                if row["kind"] == "scene"
            ]
        return found[:SCENES], "labelled scenes, partly seen in tuning"
    made = []
    for number in range(35):
        text = f"粤B{80000 + 317 * number}"
        plate = painted(text, PlateKind.ORDINARY)
        where = tilted((640, 420), 110 + 4 * number, 0.1, 0.03)
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), placed(scene(number), plate, where, Seen(seed=number)))
        made.append((path, text))
    return made, "PAINTED scenes, for the evaluation data is not here"
