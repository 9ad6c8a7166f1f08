"""Photos that core wants templates of, encoded one at a time between frames."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from edge import wire
from models.errors import InputError, KuahuError, RecogniserFault
from recognition.enrolment import Enrolled, encode_crop, enrol, learn, look
from recognition.gallery import Matcher
from recognition.photo import PhotoRefused
from recognition.ports import FaceEngine


@dataclass(frozen=True, slots=True)
class _Crop:
    """A row's picture."""

    jpeg: bytes


@dataclass(slots=True)
class _Order:
    ref: int
    waiting: deque[str | bytes | _Crop]
    """Photos by path or in memory, and rows' pictures."""
    resident: str = ""
    only_look: bool = False
    done: list[tuple[str, bytes]] = field(default_factory=list)
    bystanders: int = 0
    alike: list[str] = field(default_factory=list)


class Enrolments:
    """Orders for templates, worked off photo by photo so that no door waits for a whole album."""

    def __init__(self) -> None:
        self._orders: deque[_Order] = deque()

    @property
    def waiting(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._orders)

    def add(self, request: wire.Encode) -> None:
        """Take an order."""
        crops = tuple(_Crop(each) for each in request.crops)
        pictures = deque[str | bytes | _Crop]((*request.paths, *crops, *request.photos))
        self._orders.append(_Order(request.ref, pictures, request.resident, request.only_look))

    def forget(self) -> None:
        """Drop all orders: whoever gave them has gone."""
        self._orders.clear()

    def step(
        self, faces: FaceEngine | None, matcher: Matcher | None = None
    ) -> wire.Encoded | wire.Failed | None:
        """Encode one photo; return the answer to an order that it completes or that fails.

        A photo that cannot be enrolled fails its whole order, with a sentence for the person. With
        the gallery in force as `matcher` the answer says whom of it the face looks like already.
        """
        if not self._orders:
            return None
        order = self._orders[0]
        if order.waiting:
            picture = order.waiting.popleft()
            name = _name(picture)
            try:
                enrolled = _enrolled(picture, faces, (matcher, order))
            except OSError as error:
                why = f"cannot be read ({error.strerror}); give a file that Kuahu may read"
                return self._fail(InputError.code, f"{name} {why}")
            except PhotoRefused as refused:
                return self._fail(refused.code, f"{name}: {refused}", refused.why.value)
            except KuahuError as error:
                return self._fail(error.code, f"{name}: {error}")
            order.done.extend((one.engine, one.vector) for one in enrolled.templates)
            order.bystanders += enrolled.bystanders
            if matcher is not None:
                order.alike.extend(_alike(enrolled, matcher))
        if order.waiting:
            return None
        self._orders.popleft()
        alike = tuple(dict.fromkeys(order.alike))
        return wire.Encoded(order.ref, tuple(order.done), order.bystanders, alike)

    def _fail(self, code: str, text: str, word: str = "") -> wire.Failed:
        return wire.Failed(self._orders.popleft().ref, code, text, word)


def _name(picture: str | bytes | _Crop) -> str:
    match picture:
        case str():
            return Path(picture).name
        case bytes():
            return "the photo"
    return "the picture of the row"


def _alike(enrolled: Enrolled, matcher: Matcher) -> Iterator[str]:
    for one in enrolled.templates:
        yield from matcher.alike(np.frombuffer(one.vector, "<f4"))


def _enrolled(
    picture: str | bytes | _Crop,
    faces: FaceEngine | None,
    whose: tuple[Matcher | None, _Order],
) -> Enrolled:
    """Return the templates of a photo, or of a row's picture, which is as it is.

    Where a row's picture is to be learnt as that of `whose` resident it must be as good as a photo.
    """
    if faces is None:
        advice = "see the faults on the guard's page"
        message = f"not encoded, because face recognition is off; {advice}"
        raise RecogniserFault(message, part="faces", advice=advice)
    matcher, order = whose
    if isinstance(picture, _Crop) and order.resident:
        if matcher is None:
            message = "nothing can be learnt before the gallery has arrived; try again in a moment"
            raise RecogniserFault(message, part="faces")
        return learn(picture.jpeg, faces, matcher, order.resident)
    if isinstance(picture, _Crop):
        return encode_crop(picture.jpeg, faces)
    content = picture if isinstance(picture, bytes) else Path(picture).read_bytes()
    return look(content, faces) if order.only_look else enrol(content, faces)
