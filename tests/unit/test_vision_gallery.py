"""A gallery that comes in parts is in force only when it is whole."""

from hypothesis import given
from hypothesis import strategies as st

from edge.vision_gallery import GalleryParts
from edge.wire import GalleryPart
from models.template import Gallery


def _parts(version: int, number: int) -> list[GalleryPart]:
    return [
        GalleryPart(version, part, number, ((f"r{part}", "3-1-502", "e:1", bytes([part])),))
        for part in range(number)
    ]


@given(st.integers(1, 12).flatmap(lambda n: st.permutations(range(n))))
def test_the_last_part_in_any_order_makes_it_whole(order: list[int]) -> None:
    parts, collected = _parts(7, len(order)), GalleryParts()
    told = [collected.add(parts[number]) for number in order]
    assert told[:-1] == [None] * (len(order) - 1)
    whole = told[-1]
    assert isinstance(whole, Gallery)
    assert whole.version == 7
    assert [resident for resident, _, _ in whole.rows] == [f"r{n}" for n in range(len(order))]


def test_a_newer_version_begins_anew() -> None:
    collected = GalleryParts()
    assert collected.add(_parts(1, 2)[0]) is None
    assert collected.add(_parts(2, 2)[1]) is None
    whole = collected.add(_parts(2, 2)[0])
    assert whole is not None
    assert (whole.version, len(whole.rows)) == (2, 2)


def test_a_part_told_twice_counts_once() -> None:
    collected = GalleryParts()
    assert collected.add(_parts(1, 2)[0]) is None
    assert collected.add(_parts(1, 2)[0]) is None
    assert collected.add(_parts(1, 2)[1]) is not None


def test_what_a_lost_core_half_said_is_forgotten() -> None:
    collected = GalleryParts()
    assert collected.add(_parts(1, 2)[0]) is None
    collected.forget()
    assert collected.add(_parts(1, 2)[1]) is None
