"""Core's end of vision: photos go out in memory, and a refusal comes back as its rule."""

import threading
from typing import cast

import pytest

from edge import wire
from edge.core.eyes import Eyes, PhotoUnfit
from edge.core.peer import Peer
from models.errors import InputError, KuahuError, RecogniserFault
from models.template import Gallery


class _Vision:
    """A vision process that answers each order at once, as it was told to."""

    role = "vision"

    def __init__(self) -> None:
        self.orders: list[wire.Encode] = []
        self.eyes: Eyes | None = None
        self.answer: wire.Encoded | wire.Failed = wire.Encoded(0, (("e", b"v"),))

    def tell(self, message: wire.AnyMessage) -> None:
        if isinstance(message, wire.Encode):
            self.orders.append(message)
            assert self.eyes is not None
            ref, answer = message.ref, self.answer
            said: wire.Encoded | wire.Failed
            if isinstance(answer, wire.Failed):
                said = wire.Failed(ref, answer.code, answer.text, answer.word)
            else:
                said = wire.Encoded(ref, answer.templates)
            threading.Thread(target=self.eyes.heard, args=(said,)).start()


@pytest.fixture
def vision() -> _Vision:
    vision = _Vision()
    vision.eyes = Eyes(lambda: Gallery(1, ()), lambda: 0.0)
    vision.eyes.arrived(cast("Peer", vision))
    return vision


def _eyes(vision: _Vision) -> Eyes:
    assert vision.eyes is not None
    return vision.eyes


def test_photos_by_path_and_in_memory_go_out_apart(vision: _Vision) -> None:
    faces = _eyes(vision).encode(("a.jpg", b"jpeg"), (b"crop",), "lin")
    (order,) = vision.orders
    assert (order.paths, order.photos, order.crops) == (("a.jpg",), (b"jpeg",), (b"crop",))
    assert (order.resident, order.only_look) == ("lin", False)
    assert [one.vector for one in faces.templates] == [b"v"]


def test_a_look_asks_for_no_template(vision: _Vision) -> None:
    _eyes(vision).check(b"jpeg")
    (order,) = vision.orders
    assert (order.paths, order.photos, order.only_look) == ((), (b"jpeg",), True)


@pytest.mark.parametrize(
    ("failed", "kind", "word"),
    [
        (wire.Failed(0, "photo", "too dark", "too_dark"), PhotoUnfit, "too_dark"),
        (wire.Failed(0, "recogniser", "off"), RecogniserFault, ""),
        (wire.Failed(0, "input", "odd"), InputError, ""),
    ],
)
def test_a_refusal_keeps_its_rule(
    vision: _Vision, failed: wire.Failed, kind: type[KuahuError], word: str
) -> None:
    vision.answer = failed
    with pytest.raises(kind, match=failed.text) as caught:
        _eyes(vision).check(b"jpeg")
    assert type(caught.value) is kind
    assert getattr(caught.value, "word", "") == word


def test_without_vision_nobody_waits() -> None:
    eyes = Eyes(lambda: Gallery(1, ()), lambda: 0.0)
    with pytest.raises(RecogniserFault, match="not answering"):
        eyes.check(b"jpeg")
