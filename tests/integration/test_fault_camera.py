"""A slow camera, and one whose picture changes its size: both are looked at as they come."""

from collections.abc import Iterator

import numpy as np
import pytest

from edge.cameras.source import Picture
from edge.cameras.watch import Watch
from edge.latest import Latest
from models.frame import Frame
from tests.fakes.camera import HandClock, Scripted, noisy, until

SIZES = ((64, 48), (160, 120), (48, 64), (16, 12))


def watched(pictures: Iterator[Picture], clock: HandClock) -> tuple[Watch, Scripted]:
    source = Scripted(pictures, then="hang")
    watch = Watch("gate", lambda: source, Latest[Frame](), clock=clock, share=lambda: 1.0)
    watch.turn(clock.now)
    until(source.hanging.is_set)
    watch.turn(clock.now)
    return watch, source


@pytest.mark.fault("F19")
def test_one_picture_a_second_is_live_and_each_is_looked_at() -> None:
    clock = HandClock()

    def pictures() -> Iterator[Picture]:
        for number in range(20):
            clock.now += 1.0
            yield Picture(noisy(number), clock.now)

    watch, source = watched(pictures(), clock)
    condition = watch.condition(clock.now)
    newest = watch.frames.take()
    assert (condition.state, condition.complaint) == ("live", "")
    assert newest is not None
    assert (newest.number, newest.captured) == (20, clock.now)
    source.release.set()
    watch.stop()


@pytest.mark.fault("F19")
def test_pictures_that_change_their_size_are_taken_as_they_are() -> None:
    clock = HandClock()

    def pictures() -> Iterator[Picture]:
        for number in range(40):
            clock.now += 0.2
            width, height = SIZES[number // 3 % len(SIZES)]
            yield Picture(noisy(number, width, height), clock.now)

    watch, source = watched(pictures(), clock)
    newest = watch.frames.take()
    assert watch.condition(clock.now).ok
    assert newest is not None
    width, height = SIZES[39 // 3 % len(SIZES)]
    assert newest.number == 40
    assert isinstance(newest.pixels, np.ndarray)
    assert newest.pixels.shape == (height, width, 3)
    source.release.set()
    watch.stop()
