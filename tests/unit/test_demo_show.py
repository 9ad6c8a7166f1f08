"""The viewer pauses the story, moves it on by hand, and stops it at any moment."""

import threading
from collections.abc import Iterator, Mapping

import pytest

from edge.demo import show
from edge.demo.director import Result
from edge.demo.show import Show
from edge.demo.story import Prop, Step, told_again
from models.errors import RelayFault

_NAMES = [step.name for step in told_again(1)]
_AGAIN = told_again(2)[0].name


class _Player:
    """Every step ends as it should, except that the first tries may fail."""

    def __init__(self) -> None:
        self.failures = 0
        self.codes: list[Mapping[Prop, str]] = []

    def play(self, step: Step, codes: Mapping[Prop, str]) -> Result:
        if self.failures:
            self.failures -= 1
            message = "core is away"
            raise RelayFault(message)
        self.codes.append(codes)
        return Result(step.name, step.lane, step.expected, step.expected, 5, ok=True)


class _Hall:
    """A show on a thread of its own, and all that was heard of it."""

    def __init__(self) -> None:
        self.player = _Player()
        self.results: list[Result] = []
        self.made = 0
        self.stop = threading.Event()
        self.show = Show(self.player, self._codes, self.stop, self._hear)
        self._turn = threading.Condition()
        self._thread = threading.Thread(target=self.show.run)

    def _codes(self) -> Mapping[Prop, str]:
        self.made += 1
        return {Prop.VISITOR: f"pass {self.made}"}

    def _hear(self, result: Result) -> None:
        with self._turn:
            self.results.append(result)
            self._turn.notify_all()

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self.stop.set()
        self.show.wake()
        if self._thread.ident is not None:
            self._thread.join(20)
            assert not self._thread.is_alive()

    def until(self, count: int) -> None:
        with self._turn:
            assert self._turn.wait_for(lambda: len(self.results) >= count, 30)

    def played(self) -> list[str]:
        return [result.step for result in self.results]


@pytest.fixture
def hall() -> Iterator[_Hall]:
    opened = _Hall()
    yield opened
    opened.end()


def test_a_paused_show_goes_on_by_hand_only(hall: _Hall) -> None:
    hall.show.play(playing=False)
    hall.begin()
    for count in range(1, 4):
        hall.show.next()
        hall.until(count)
    assert hall.played() == _NAMES[:3]
    assert not hall.show.board.playing


def test_a_new_telling_begins_with_fresh_passes(hall: _Hall) -> None:
    hall.show.play(playing=False)
    hall.begin()
    while len(hall.results) <= len(_NAMES):
        before = len(hall.results)
        while len(hall.results) == before:
            hall.show.next()
            hall.stop.wait(0.02)
    assert hall.played()[: len(_NAMES) + 1] == [*_NAMES, _AGAIN]
    used = [codes[Prop.VISITOR] for codes in hall.player.codes]
    assert set(used[: len(_NAMES)]) == {"pass 1"}
    assert used[len(_NAMES)] == "pass 2"
    assert hall.show.board.telling == 2


def test_a_step_that_cannot_be_played_is_tried_again(
    hall: _Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show, "_AGAIN", 0.05)
    monkeypatch.setattr(show, "BETWEEN_STEPS", 0.05)
    hall.player.failures = 1
    hall.show.next()
    hall.begin()
    hall.until(1)
    assert hall.played()[0] == _NAMES[0]
    assert hall.player.failures == 0


def test_stopping_ends_a_paused_show(hall: _Hall) -> None:
    hall.show.play(playing=False)
    hall.begin()
    hall.end()
    assert hall.results == []
