"""face_pipeline: from a frame to a name, and how often rightly, beside face_recognition.

Ours is detector, embedder and comparison as vision uses them, liveness off; the peer is the plain
face_recognition pipeline: face_locations, face_encodings, face_distance, as its README shows.
`face_pipeline_tpir` counts instead of timing: of the evaluation pictures, how many residents are
named where 1 in 100 strangers is. It needs those pictures; standard error says where it has none.
"""

import csv
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from config.settings import Recognition
from edge.eval.identification import tpir_at_fpir
from edge.vision_engines import load_engines
from models.template import Gallery
from recognition.encoding import compared
from recognition.enrolment import template_of
from recognition.face import Pixels
from recognition.gallery import Likeness, Matcher
from recognition.ports import FaceEngine
from tests.bench._blocks import BLOCKS, alternate, show, timed
from tests.bench._frames import with_face
from tests.bench._row import LEAST_BLOCKS, About, Goal, Row
from tests.fakes.data import data

TIMES = 5
WIDE, HIGH = 640, 480
GROUP, STRANGERS = 8, 100
"""Residents of one block, and strangers, of whom one may be named."""

Named = tuple[str, float]
"""Whom a picture looks like most, and how much."""
Look = Callable[[Pixels], Named]


def main() -> None:
    """Print the two rows; without the extra dlib there is no peer."""
    try:
        import face_recognition  # noqa: PLC0415 - an extra
    except (ImportError, SystemExit) as error:
        sys.stderr.write(f"  left out: the peer is not installed ({error})\n")
        return
    faces = load_engines(Recognition()).faces
    if faces is None:
        message = "the default face engine is off"
        raise RuntimeError(message)
    show(_time(faces, face_recognition))
    folder = data()
    if folder is None or not (folder / "faces").is_dir():
        sys.stderr.write("  face_pipeline_tpir is left out: no evaluation pictures\n")
        return
    show(_right(faces, face_recognition, folder / "faces"))


def _time(faces: FaceEngine, peer: object) -> Row:
    frame = np.ascontiguousarray(with_face()[60 : 60 + 2 * HIGH, : 2 * WIDE])
    size = WIDE, round(frame.shape[0] * WIDE / frame.shape[1])
    frame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    ours = _ours(faces, {"grace": frame})
    theirs = _theirs(peer, {"grace": frame})
    taken = alternate(
        {
            "ours": lambda: timed(lambda: _sure(ours(frame))),
            "theirs": lambda: timed(lambda: theirs(frame)),
        },
        TIMES,
    )
    about = About(
        "face_pipeline",
        f"plain face_recognition on the same {frame.shape[1]}x{frame.shape[0]} frame",
        "peer's median / our median",
        "ms",
        BLOCKS * TIMES,
    )
    return Row(about, Goal(">=", 4.0), tuple(taken["theirs"]), tuple(taken["ours"]))


def _right(faces: FaceEngine, peer: object, folder: Path) -> Row:
    """Return the row that counts: one block for each of five groups of residents."""
    with (folder / "labels.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    people = sorted(row["label"] for row in rows if row["role"] == "enrol")
    chosen = people[: GROUP * LEAST_BLOCKS]
    files = {row["label"]: row["file"] for row in rows if row["role"] == "enrol"}
    enrolled = {who: _read(folder / files[who]) for who in chosen}
    probes = [row for row in rows if row["role"] == "probe" and row["label"] in enrolled]
    strangers = [row for row in rows if row["role"] == "impostor"][:STRANGERS]
    figures: list[list[float]] = []
    for look in (_ours(faces, enrolled), _theirs(peer, enrolled)):
        wrong = [look(_read(folder / row["file"]))[1] for row in strangers]
        seen = [(row["label"], look(_read(folder / row["file"]))) for row in probes]
        figures.append(
            [_share(seen, wrong, chosen[at::LEAST_BLOCKS]) for at in range(LEAST_BLOCKS)]
        )
    about = About(
        "face_pipeline_tpir",
        "plain face_recognition on the same pictures",
        "residents named at FPIR 1e-2 / peer's",
        "share of probes",
        len(probes),
    )
    return Row(about, Goal(">=", 1.0), tuple(figures[0]), tuple(figures[1]))


def _share(
    seen: Sequence[tuple[str, Named]], wrong: Sequence[float], group: Sequence[str]
) -> float:
    pairs = [
        (who, near[1] if near[0] == who else float("-inf")) for who, near in seen if who in group
    ]
    # A share of nothing would be no ratio.
    return max(tpir_at_fpir(pairs, wrong, 1e-2).value or 0.0, 1 / len(pairs))


def _ours(faces: FaceEngine, enrolled: dict[str, Pixels]) -> Look:
    rows = tuple(
        (who, who, template_of(bgr, faces.detect(bgr)[0], faces)) for who, bgr in enrolled.items()
    )
    matcher = Matcher(Gallery(1, rows), faces.engine, faces.impostors)

    def look(bgr: Pixels) -> Named:
        found = faces.detect(bgr)
        if not found:
            return "", -1.0
        near = matcher.nearest(compared(bgr, found[0], faces, matcher))
        named = near.likeness is not Likeness.AMBIGUOUS and near.resident is not None
        return (near.resident or "", near.score) if named else ("", near.score)

    return look


def _theirs(peer: object, enrolled: dict[str, Pixels]) -> Look:
    locations, encodings, distance = (
        getattr(peer, name) for name in ("face_locations", "face_encodings", "face_distance")
    )

    def vectors(bgr: Pixels) -> list[np.ndarray]:
        rgb = np.ascontiguousarray(bgr[:, :, ::-1])
        found: list[np.ndarray] = encodings(rgb, locations(rgb))
        return found

    known = [(who, each[0]) for who, bgr in enrolled.items() if (each := vectors(bgr))]

    def look(bgr: Pixels) -> Named:
        found = vectors(bgr)
        if not found:
            return "", -9.0
        away = distance([vector for _, vector in known], found[0])
        best = int(np.argmin(away))
        return known[best][0], -float(away[best])

    return look


def _sure(near: Named) -> None:
    if near[0] != "grace":
        message = f"the enrolled face was taken for {near}"
        raise RuntimeError(message)


def _read(path: Path) -> Pixels:
    found = cv2.imread(os.fspath(path))
    if found is None:
        message = f"{path} cannot be read"
        raise RuntimeError(message)
    return np.asarray(found, np.uint8)
