"""Enrolment: one photo of one person becomes templates, or a refusal that says what to do."""

from dataclasses import dataclass

import numpy as np

from models.template import Template
from recognition.encoding import careful
from recognition.face import Face, Pixels
from recognition.gallery import Matcher
from recognition.photo import PhotoFault, PhotoRefused, read_photo
from recognition.ports import FaceEngine
from recognition.quality import Quality, measure


@dataclass(frozen=True, slots=True)
class EnrolmentRules:
    """What a face must be to be enrolled; the figures' sources are in docs/recognition.md."""

    width: float = 64
    """Pixels across the face's box."""
    sharpness: float = 0.02
    light: float = 25
    contrast: float = 6
    burnt: float = 0.3
    """The share of the face that may be white."""
    turn: float = 0.45
    tilt: float = 30
    second: float = 0.6
    """A second face counts from this share of the first one's width."""
    second_aside: float = 0.9
    """So does one at the edge of a picture whose middle the first one fills."""
    second_score: float = 0.75
    """A second find with a lower score than this is not taken for a face."""


_MIDDLE, _EDGE = 0.15, 0.2
"""How far a face's middle is from the picture's, as a share of its width."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What is kept of a photo: a template of the face, nothing else.

    `bystanders` is how many much smaller faces were in the picture and left out.
    """

    templates: tuple[Template, ...]
    bystanders: int


def enrol(content: bytes, engine: FaceEngine, rules: EnrolmentRules | None = None) -> Enrolled:
    """Return the templates of the one person in a photo (JPEG, PNG or WebP bytes).

    Raises PhotoRefused with a sentence for that person, and RecogniserFault when the engine breaks.
    """
    bgr, face, bystanders = _fit(content, engine, rules or EnrolmentRules())
    return Enrolled((template_of(bgr, face, engine),), bystanders)


def look(content: bytes, engine: FaceEngine, rules: EnrolmentRules | None = None) -> Enrolled:
    """Return an enrolment without templates of a photo that could be enrolled: see `enrol`."""
    _, _, bystanders = _fit(content, engine, rules or EnrolmentRules())
    return Enrolled((), bystanders)


def encode_crop(content: bytes, engine: FaceEngine) -> Enrolled:
    """Return the template of the largest face in a lane's picture, however good it is.

    Raises PhotoRefused where there is none, and RecogniserFault when the engine breaks.
    """
    bgr = read_photo(content)
    faces = engine.detect(bgr)
    if not faces:
        raise PhotoRefused(PhotoFault.NO_FACE)
    return Enrolled((template_of(bgr, faces[0], engine),), len(faces) - 1)


def learn(content: bytes, engine: FaceEngine, matcher: Matcher, resident: str) -> Enrolled:
    """Return the template of a passage, from a lane's picture that must be as good as a photo.

    Raises PhotoRefused where it is not, or where the face is not surely the resident's by the
    photo that was handed in; RecogniserFault when the engine breaks.
    """
    enrolled = enrol(content, engine)
    for one in enrolled.templates:
        doubt = matcher.doubt(resident, np.frombuffer(one.vector, "<f4"))
        if doubt is not None:
            raise PhotoRefused(PhotoFault(doubt.value))
    return enrolled


def template_of(bgr: Pixels, face: Face, engine: FaceEngine) -> Template:
    """Return what `engine` keeps of a face: the mean of several looks at it and its mirror image.

    Raises RecogniserFault when the engine breaks.
    """
    return Template(engine.engine, careful(bgr, face, engine).astype("<f4").tobytes())


def _fit(content: bytes, engine: FaceEngine, rules: EnrolmentRules) -> tuple[Pixels, Face, int]:
    """Return the photo, the one face in it, which is good enough, and how many are left out."""
    bgr = read_photo(content)
    face, bystanders = _only_face(bgr, engine.detect(bgr), rules)
    _check_quality(measure(bgr, face), rules)
    return bgr, face, bystanders


def _only_face(bgr: Pixels, faces: tuple[Face, ...], rules: EnrolmentRules) -> tuple[Face, int]:
    if not faces:
        raise PhotoRefused(PhotoFault.NO_FACE)
    first, *others = faces
    for other in others:
        share = other.box.width / first.box.width
        needed = rules.second_aside if _aside(bgr, first, other) else rules.second
        if other.score >= rules.second_score and share >= needed:
            detail = f"the second is {share:.0%} of the first one's width"
            raise PhotoRefused(PhotoFault.TWO_FACES, detail)
    return first, len(others)


def _aside(bgr: Pixels, first: Face, other: Face) -> bool:
    """Return whether `first` is in the middle of the picture and `other` at its edge."""
    height, width = bgr.shape[:2]
    box = other.box
    inside = box.x >= 0 and box.y >= 0 and box.x + box.width <= width
    cut = not (inside and box.y + box.height <= height)
    middle = abs(first.box.centre[0] / width - 0.5) <= _MIDDLE
    return middle and (cut or abs(box.centre[0] / width - 0.5) >= _EDGE)


def _check_quality(quality: Quality, rules: EnrolmentRules) -> None:
    if quality.width < rules.width:
        detail = f"{quality.width:.0f} pixels wide, at least {rules.width:.0f} are needed"
        raise PhotoRefused(PhotoFault.TOO_SMALL, detail)
    if quality.light < rules.light or quality.contrast < rules.contrast:
        raise PhotoRefused(PhotoFault.TOO_DARK, f"brightness {quality.light:.0f} of 255")
    if quality.burnt > rules.burnt:
        raise PhotoRefused(PhotoFault.TOO_BRIGHT, f"{quality.burnt:.0%} of it is white")
    if quality.sharpness < rules.sharpness:
        detail = f"sharpness {quality.sharpness:.3f}, at least {rules.sharpness} is needed"
        raise PhotoRefused(PhotoFault.TOO_BLURRED, detail)
    if quality.turn > rules.turn or abs(quality.tilt) > rules.tilt:
        detail = f"turned {quality.turn:.2f}, leaning {abs(quality.tilt):.0f} degrees"
        raise PhotoRefused(PhotoFault.TURNED_AWAY, detail)
