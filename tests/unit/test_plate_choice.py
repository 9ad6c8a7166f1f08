"""Which plate of a lane may speak: tracks, votes, parked cars, and what is told once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.plate import Band, Ground, PlateKind, PlateReading
from plates.choice import ChoiceRules, Said, Told, chosen, judge
from plates.eye import Plate
from plates.quad import Quad
from plates.track import PlateTracks, TrackRules, follow
from plates.vote import VoteRules, vote

_RULES = ChoiceRules(again=60.0)


def _reading(
    text: str = "京A12345", confidence: float = 0.99, band: Band = Band.ACCEPT
) -> PlateReading:
    return PlateReading(text, PlateKind.ORDINARY, Ground.BLUE, confidence, band)


def _plate(x: float, y: float, width: float = 120.0, reading: PlateReading | None = None) -> Plate:
    high = width * 140 / 440
    quad = Quad((x, y), (x + width, y), (x + width, y + high), (x, y + high))
    return Plate(quad, reading or _reading(), whole=True)


def _walk(frames: list[tuple[float, tuple[Plate, ...]]]) -> list[Said]:
    tracks, told, said = PlateTracks(), Told(), []
    for captured, plates in frames:
        tracks = follow(tracks, plates, captured, _RULES.track)
        told, one = judge(told, tracks.live, captured, _RULES)
        said += [one] if one is not None else []
    return said


def test_a_coming_car_is_told_once_when_two_pictures_agree() -> None:
    frames = [(n / 5, (_plate(100, 100 + 10 * n, 100 + 12 * n),)) for n in range(20)]
    (said,) = _walk(frames)
    assert said.reading.band is Band.ACCEPT
    assert said.reading.text == "京A12345"
    assert said.track.last_seen == pytest.approx(0.2)
    assert said.reading.frames == 2


def test_a_car_that_stays_is_told_again_and_again() -> None:
    frames = [(n / 5, (_plate(100, 100 + 10 * min(n, 9)),)) for n in range(26)]
    tracks, told, at = PlateTracks(), Told(), []
    for captured, plates in frames:
        tracks = follow(tracks, plates, captured, _RULES.track)
        told, one = judge(told, tracks.live, captured, ChoiceRules(again=1.0))
        at += [captured] if one is not None else []
    assert at == pytest.approx([0.2, 1.2, 2.2, 3.2, 4.2])


def test_one_sure_picture_alone_is_not_enough() -> None:
    frames = [(0.0, (_plate(100, 100),))]
    assert _walk(frames) == []


def test_a_car_that_cannot_be_read_is_left_to_the_guard_once() -> None:
    poor = _reading(confidence=0.5, band=Band.ASK)
    frames = [(n / 5, (_plate(100, 100 + 4 * n, reading=poor),)) for n in range(20)]
    (said,) = _walk(frames)
    assert said.reading.band is Band.ASK
    assert said.track.last_seen >= _RULES.patience


def test_what_was_left_to_the_guard_is_told_again_when_it_becomes_sure() -> None:
    poor = _reading(confidence=0.3, band=Band.ASK)
    frames = [(n / 5, (_plate(100, 100 + 4 * n, reading=poor),)) for n in range(12)]
    frames += [(n / 5, (_plate(100, 100 + 4 * n),)) for n in range(12, 24)]
    assert [said.reading.band for said in _walk(frames)] == [Band.ASK, Band.ACCEPT]


def test_the_nearing_car_speaks_not_the_larger_one_that_stands() -> None:
    frames = []
    for n in range(12):
        standing = _plate(500, 400, 200, _reading("粤B99999"))
        frames.append((n / 5, (standing, _plate(100, 100 + 8 * n, 100 + 6 * n))))
    tracks = PlateTracks()
    for captured, plates in frames:
        tracks = follow(tracks, plates, captured, _RULES.track)
    found = chosen(tracks.live, frames[-1][0], _RULES.track)
    assert found is not None
    assert found.readings[-1].text == "京A12345"
    assert found.nearing(_RULES.track)


def test_of_two_that_stand_the_larger_speaks() -> None:
    plates = (_plate(0, 0, 90, _reading("粤B99999")), _plate(300, 300, 140))
    tracks = follow(PlateTracks(), plates, 0.0, _RULES.track)
    found = chosen(tracks.live, 0.0, _RULES.track)
    assert found is not None
    assert found.readings[-1].text == "京A12345"


def test_a_parked_car_is_silent_after_a_while_and_a_moved_one_is_not() -> None:
    tracks, moved = PlateTracks(), PlateTracks()
    for n in range(50):
        tracks = follow(tracks, (_plate(100, 100),), n / 5, _RULES.track)
        moved = follow(moved, (_plate(100, 100 + min(n, 8) * 20),), n / 5, _RULES.track)
    assert chosen(tracks.live, 49 / 5, _RULES.track) is None
    assert chosen(moved.live, 49 / 5, _RULES.track) is not None


def test_a_fast_car_stays_one_track_by_its_text() -> None:
    tracks = follow(PlateTracks(), (_plate(100, 100),), 0.0, _RULES.track)
    tracks = follow(tracks, (_plate(300, 180, 140),), 0.2, _RULES.track)
    assert [track.number for track in tracks.live] == [1]


def test_another_plate_elsewhere_is_another_track() -> None:
    tracks = follow(PlateTracks(), (_plate(100, 100),), 0.0, _RULES.track)
    tracks = follow(tracks, (_plate(300, 180, reading=_reading("粤B99999")),), 0.2, _RULES.track)
    assert [track.number for track in tracks.live] == [1, 2]


@pytest.mark.parametrize("later", [1.6, -0.1])
def test_a_track_ends_by_a_gap_and_when_time_runs_backwards(later: float) -> None:
    tracks = follow(PlateTracks(), (_plate(100, 100),), 0.0, _RULES.track)
    assert follow(tracks, (), later, _RULES.track).live == ()


def test_what_a_track_remembers_is_bounded() -> None:
    tracks = PlateTracks()
    for n in range(100):
        tracks = follow(tracks, (_plate(100, 100),), n / 5, _RULES.track)
    assert len(tracks.live[0].readings) == TrackRules().window


_READINGS = st.builds(
    _reading,
    st.sampled_from(["京A12345", "京AT2345", "粤B99999"]),
    st.floats(0.2, 1.0),
    st.sampled_from(list(Band)),
)


@given(st.lists(_READINGS, max_size=12))
def test_a_vote_never_makes_more_of_pictures_than_the_surest_of_them(
    readings: list[PlateReading],
) -> None:
    voted = vote(readings, VoteRules())
    spoke = [reading for reading in readings if reading.band is not Band.IGNORE]
    assert (voted is None) == (not spoke)
    if voted is None:
        return
    agreeing = [reading for reading in spoke if reading.text == voted.text]
    assert voted.frames == len(agreeing) > 0
    assert voted.confidence <= max(reading.confidence for reading in agreeing) + 1e-9
    if voted.band is Band.ACCEPT:
        assert len(agreeing) >= 2
        assert any(reading.band is Band.ACCEPT for reading in agreeing)


def test_two_texts_of_like_weight_are_accepted_by_nobody() -> None:
    readings = [_reading(), _reading(), _reading("京AT2345"), _reading("京AT2345")]
    voted = vote(readings, VoteRules())
    assert voted is not None
    assert voted.band is Band.ASK


def test_a_mutant_that_accepts_one_picture_is_caught() -> None:
    careless = replace(VoteRules(), frames=1)
    honest, careless_vote = vote([_reading()], VoteRules()), vote([_reading()], careless)
    assert honest is not None
    assert careless_vote is not None
    assert (honest.band, careless_vote.band) == (Band.ASK, Band.ACCEPT)


def test_a_reading_is_sound_or_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        _reading(confidence=1.1)
    with pytest.raises(ValueError, match="without text"):
        _reading(text="")
