"""Faces: people enrolled with the site's engine, their other pictures named, strangers not."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from config.settings import Recognition
from config.weights import weight_files
from edge.clock import monotonic
from edge.eval.face_figures import Looked, Run, scored
from edge.eval.face_rows import Role, Shown, shown
from edge.eval.labels import Unusable, read_labels
from edge.eval.pictures import opened, progress
from edge.eval.score import Miss, Score
from edge.eval.subjects import Say
from edge.vision_engines import FACES
from models.template import Gallery, Template
from recognition.encoding import compared
from recognition.enrolment import template_of
from recognition.face import Face, Pixels, Vector
from recognition.gallery import Matcher
from recognition.ports import FaceEngine

_WANTS = (
    "to score faces, label names the person in each picture and role says what it is for: enrol "
    "(the photo somebody is known by), probe (the same person again) or impostor (somebody who is "
    "not enrolled)"
)
_MUCH = 0.6
"""A face at least this share of the widest one's width is looked at; the most central wins."""


def score(folder: Path, settings: Recognition, say: Say) -> Score:
    """Return how well the site's face engine does on `folder`.

    Its labels.csv has file, label (the person) and role (enrol, probe, impostor), or is that of a
    liveness folder (see face_rows.shown). Raises Unusable where nobody can be enrolled, and
    RecogniserFault when the engine cannot be loaded.
    """
    every = shown(read_labels(folder, ("label", "role"), _WANTS), say)
    engine = FACES[settings.engine](weight_files(settings.engine))
    looker = _Looker(engine, say, len(every))
    gallery = _gallery((each for each in every if each.role is Role.ENROL), looker)
    if not gallery.rows:
        message = f"no face was found in any picture of {folder} with role enrol; check the table"
        raise Unusable(message)
    matcher = Matcher(gallery, engine.engine, engine.impostors, settings.target_fpir)
    own = _vectors(gallery)
    looked = tuple(looker.look(each, matcher, own) for each in every if each.role is not Role.ENROL)
    sessions = frozenset((each.identity, each.session) for each in every if each.role is Role.ENROL)
    run = Run(
        engine=engine.engine,
        threshold=matcher.threshold,
        enrolled=sum(each.role is Role.ENROL for each in every),
        enrolled_sessions=sessions,
        seen=len(every),
        found=looker.found,
        milliseconds=tuple(looker.milliseconds),
        lost=tuple(looker.lost),
    )
    return scored(run, looked, _pictures(every))


class _Looker:
    """Looks at one picture after the other and remembers what became of them."""

    def __init__(self, engine: FaceEngine, say: Say, of: int) -> None:
        self.engine = engine
        self.found = 0
        self.lost: list[Miss] = []
        self.milliseconds: list[float] = []
        self._seen = 0
        self._say = say
        self._of = of

    def face(self, each: Shown) -> tuple[Pixels, Face, float] | None:
        """Return the picture, its face and the seconds that took; None after noting why not."""
        self._seen += 1
        progress(self._seen, self._of, self._say)
        bgr = opened(each.row.file, self._say)
        if bgr is None:
            self.lost.append(Miss(each.row.name, "the picture cannot be read"))
            return None
        began = monotonic()
        faces = self.engine.detect(bgr)
        if not faces:
            self.lost.append(Miss(each.row.name, "no face was found", (each.row.file,)))
            return None
        self.found += 1
        return bgr, _main(faces, bgr), monotonic() - began

    def look(self, each: Shown, matcher: Matcher, own: dict[str, Vector]) -> Looked:
        """Return whom the picture looks like."""
        found = self.face(each)
        if found is None:
            return Looked(each, None, -1.0)
        bgr, face, seconds = found
        began = monotonic()
        vector = compared(bgr, face, self.engine, matcher)
        nearest = matcher.nearest(vector)
        self.milliseconds.append((seconds + monotonic() - began) * 1000)
        mine = own.get(each.identity)
        return Looked(each, nearest, _alike(mine, vector))


def _alike(mine: Vector | None, vector: Vector) -> float:
    return -1.0 if mine is None else float(np.max(np.asarray(mine @ vector)))


def _gallery(enrolled: Iterable[Shown], looker: _Looker) -> Gallery:
    rows: list[tuple[str, str, Template]] = []
    for each in enrolled:
        found = looker.face(each)
        if found is not None:
            bgr, face, _ = found
            # Nobody's home is known, so everyone has one of their own: every rival is another's.
            rows.append((each.identity, each.identity, template_of(bgr, face, looker.engine)))
    return Gallery(0, tuple(rows))


def _vectors(gallery: Gallery) -> dict[str, Vector]:
    """Return the templates of each person, n x dimensions."""
    people: dict[str, list[Vector]] = {}
    for identity, _, template in gallery.rows:
        people.setdefault(identity, []).append(np.frombuffer(template.vector, "<f4"))
    return {identity: np.stack(vectors) for identity, vectors in people.items()}


def _pictures(every: Iterable[Shown]) -> dict[str, Path]:
    """Return one enrolled picture of each person, to be shown beside a miss."""
    return {each.identity: each.row.file for each in every if each.role is Role.ENROL}


def _main(faces: tuple[Face, ...], bgr: Pixels) -> Face:
    """Return the face that the picture is of: the most central of the large ones."""
    height, width = bgr.shape[:2]
    large = [face for face in faces if face.box.width >= _MUCH * faces[0].box.width]

    def away(face: Face) -> float:
        x, y = face.box.centre
        return float(abs(x - width / 2) + abs(y - height / 2))

    return min(large, key=away)
