"""The watch over a camera, on cameras made of a script and a clock moved by hand."""

import itertools
import logging
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cameras.back_off import back_off
from edge.cameras.source import Opener, Picture, Source
from edge.cameras.watch import Patience, Watch
from edge.latest import Latest
from models.errors import CameraFault
from models.frame import Frame
from recognition.face import Pixels
from tests.fakes.camera import HandClock, Scripted, noisy, until


def _pictures(number: int, first: int = 0) -> Iterator[Picture]:
    return iter([Picture(noisy(first + n), 100.0 + n) for n in range(number)])


def _opening(*sources: Source | CameraFault) -> Opener:
    script = iter(sources)

    def opened() -> Source:
        source = next(script)
        if isinstance(source, CameraFault):
            raise source
        return source

    return opened


def _watch(opener: Opener, clock: HandClock) -> Watch:
    return Watch("gate", opener, Latest[Frame](), clock=clock, share=lambda: 1.0)


def _settle(watch: Watch, state: str, clock: HandClock) -> None:
    def reached() -> bool:
        watch.turn(clock.now)
        return watch.condition(clock.now).state == state

    until(reached)


def test_pictures_reach_the_mailbox_newest_first() -> None:
    clock = HandClock()
    source = Scripted(_pictures(3), then="hang")
    watch = _watch(_opening(source), clock)
    _settle(watch, "live", clock)
    until(source.hanging.is_set)
    frame = watch.frames.take()
    assert frame is not None
    assert (frame.camera, frame.number, frame.captured) == ("gate", 3, 102.0)
    assert watch.condition(clock.now).dropped == 2
    assert watch.show() == frame
    source.release.set()
    watch.stop()


def test_a_camera_without_a_picture_for_two_seconds_is_silent() -> None:
    clock = HandClock()
    source = Scripted(_pictures(1), then="hang")
    watch = _watch(_opening(source), clock)
    _settle(watch, "live", clock)
    clock.now += 2.1
    watch.turn(clock.now)
    condition = watch.condition(clock.now)
    assert condition.state == "silent"
    assert not condition.ok
    assert "power" in condition.complaint
    source.release.set()
    watch.stop()


def test_a_hung_reader_is_left_behind_and_its_last_picture_never_shown() -> None:
    clock = HandClock()
    hung = Scripted(_pictures(1), then="hang")
    again = Scripted(_pictures(2, first=10), then="hang")
    watch = _watch(_opening(hung, again), clock)
    _settle(watch, "live", clock)
    until(hung.hanging.is_set)
    clock.now += 7
    watch.turn(clock.now)
    assert watch.condition(clock.now).state == "away"
    clock.now += 20
    _settle(watch, "live", clock)
    until(again.hanging.is_set)
    before = watch.show()
    hung.release.set()
    until(hung.closed.is_set)
    assert watch.show() is before
    again.release.set()
    watch.stop()


def test_hung_readers_do_not_pile_up() -> None:
    clock = HandClock()
    sources = [Scripted(_pictures(0), then="hang") for _ in range(8)]
    watch = _watch(_opening(*sources), clock)
    for _ in range(40):
        watch.turn(clock.now)
        clock.now += 11
    assert sum(source.hanging.is_set() for source in sources) <= Patience().stuck
    assert watch.condition(clock.now).state == "silent"
    assert "restart the camera" in watch.condition(clock.now).complaint
    for source in sources:
        source.release.set()
    until(lambda: all(s.closed.is_set() for s in sources if s.hanging.is_set()))
    watch.stop()


def test_an_outage_is_complained_of_once_and_its_end_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "edge.cameras")
    clock = HandClock()
    faults = [CameraFault("nothing listens there") for _ in range(4)]
    back = Scripted(_pictures(1), then="hang")
    watch = _watch(_opening(*faults, back), clock)
    _settle(watch, "away", clock)
    assert "nothing listens" in watch.condition(clock.now).complaint

    def returned() -> bool:
        clock.now += 1
        watch.turn(clock.now)
        return watch.condition(clock.now).state in {"live", "silent"}

    until(returned)
    clock.now = 100.0
    watch.turn(clock.now)
    said = [record.message for record in caplog.records]
    assert sum("nothing listens there" in message for message in said) == 1
    assert sum("come again" in message for message in said) == 1
    assert len(said) == 2
    assert watch.condition(clock.now).complaint == ""
    back.release.set()
    watch.stop()


def test_a_recording_that_ends_is_not_opened_again() -> None:
    clock = HandClock()
    watch = _watch(_opening(Scripted(_pictures(2), live=False)), clock)
    _settle(watch, "ended", clock)
    clock.now += 100
    watch.turn(clock.now)
    condition = watch.condition(clock.now)
    assert (condition.state, condition.ok) == ("ended", True)
    assert watch.frames.take() is not None


def _paced(pictures: Iterable[Pixels], clock: HandClock) -> Iterator[Picture]:
    """Show 14 pictures, half a second apart."""
    for pixels in itertools.islice(pictures, 14):
        clock.now += 0.5
        yield Picture(pixels, clock.now)


@pytest.mark.parametrize(
    ("pictures", "state", "word"),
    [
        (itertools.repeat(noisy(1)), "frozen", "restart"),
        ((noisy(n) // 50 for n in range(14)), "black", "lens"),
        ((128 + noisy(n) // 50 for n in range(14)), "black", "lens"),
    ],
)
def test_a_live_picture_that_cannot_be_believed_is_shown_but_not_looked_at(
    pictures: Iterable[Pixels], state: str, word: str
) -> None:
    clock = HandClock()
    source = Scripted(_paced(pictures, clock), then="hang")
    watch = _watch(_opening(source), clock)
    _settle(watch, state, clock)
    until(source.hanging.is_set)
    believed = watch.frames.take()
    shown = watch.show()
    assert shown is not None
    assert believed is not None
    assert shown.number == 14
    assert believed.number <= 10
    condition = watch.condition(clock.now)
    assert not condition.ok
    assert word in condition.complaint
    source.release.set()
    watch.stop()


def test_recordings_may_stand_still() -> None:
    clock = HandClock()
    still = Scripted(_paced(itertools.repeat(noisy(1)), clock), live=False)
    watch = _watch(_opening(still), clock)
    _settle(watch, "ended", clock)
    shown = watch.frames.take()
    assert shown is not None
    assert shown.number == 14


class Broken(Scripted):
    def read(self) -> Picture | None:
        message = "not a fault of any camera"
        raise ZeroDivisionError(message)


def test_a_reader_that_breaks_is_an_outage_like_any_other() -> None:
    clock = HandClock()
    broken = Broken(_pictures(0))
    watch = _watch(_opening(broken), clock)
    _settle(watch, "away", clock)
    assert broken.closed.is_set()
    assert "its reader broke" in watch.condition(clock.now).complaint


@given(st.integers(1, 200), st.floats(0.5, 60), st.floats(0, 1))
def test_waiting_grows_to_its_limit_and_no_further(
    failures: int, most: float, share: float
) -> None:
    wait = back_off(failures, most, share)
    assert 0.25 <= wait <= most
    assert back_off(failures + 1, most, share) >= wait
