"""A step is right only when journal and ledger agree; whichever of them lies is found out."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from edge.demo.director import NOTHING, Director, Result, Set, Wanted
from edge.demo.scenes import EMPTY, CarHere, CodeHeldUp, FaceHere, PlateInHand, Scene
from edge.demo.story import PLATE, Prop, Step, story
from models.errors import RelayFault
from models.event import Event, EventKind
from models.lane import Credential, Direction

_CODES = {
    Prop.VISITOR: "KH1:GOOD",
    Prop.OFFLINE: "KH1:OFFLINE",
    Prop.REVOKED: "KH1:REVOKED",
    Prop.EXPIRED: "KH1:OLD",
    Prop.FORGED: "KH1:FALSE",
}
_WAYS = {
    "cam1": (1, Direction.ENTRY),
    "cam2-in": (2, Direction.ENTRY),
    "cam2-out": (2, Direction.EXIT),
    "cam3": (3, Direction.ENTRY),
}
_FOR_GUARD = {"unknown_plate", "unreadable_plate"}
_WRONG = {"KH1:OLD": "expired", "KH1:FALSE": "forged", "KH1:REVOKED": "revoked"}


class _Product:
    """A site small enough to lie on purpose: it sees scenes, keeps a journal and moves gates."""

    def __init__(self) -> None:
        self.now = 100.0
        self.shown: dict[str, Scene] = {}
        self.rows: list[Event] = []
        self.opened: list[tuple[int, float]] = []
        self.open: set[int] = set()
        self.walked: list[int] = []
        self.answered: list[int | None] = []
        self.entered: list[str] = []
        self.enrolled = True
        self.obeys = True
        """Whether a face that is taken back goes."""
        self.cable: list[tuple[bool, int]] = []
        """Each move of the centre's cable, and how many rows there were."""
        self.moves: Callable[[bool], int] = int
        """How often the arm moves for a decision that opens, or does not."""
        self.outcome: str | None = "done"
        self.blind = False
        self.slow = False
        """Whether the guard is asked about a car before its plate has been read."""
        self.parked: tuple[str, Direction] | None = None
        self.dims = True

    def clock(self) -> float:
        self.now += 0.01
        return self.now

    def show(self, camera: str, scene: Scene) -> None:
        self.shown[camera] = scene
        lane, direction = _WAYS[camera]
        match scene:
            case FaceHere(who) if not self.blind:
                alive = lane == 1  # only lane 2 asks for signs of life, which no drawing gives
                known = "resident" if alive else "not_live"
                reason = known if who == "resident" and self.enrolled else "unknown_face"
                self._decide(lane, direction, Credential.FACE, reason)
            case CarHere(plate, way) if not self.blind:
                self.parked = (plate, way)
            case PlateInHand() if not self.blind:
                self._decide(lane, direction, Credential.PLATE, "no_vehicle")
            case CodeHeldUp(text) if not self.blind:
                self._decide(lane, direction, Credential.PASS, self._read(text, direction))
            case _:
                pass

    def _read(self, text: str, direction: Direction) -> str:
        if text in _WRONG:
            return _WRONG[text]
        if direction is Direction.ENTRY:
            self.entered.append(text)
        return "used" if self.entered.count(text) > 1 else "visitor"

    def visitor(self) -> str:
        return "KH1:FRESH"

    def photo_accepted(self, _lane: int, _began: float) -> float | None:
        self.enrolled = self.obeys
        return 0.3 if self.obeys else None

    def face_gone(self, _lane: int, _began: float) -> float | None:
        self.enrolled = not self.obeys
        return 0.3 if self.obeys else None

    def plug(self, *, on: bool) -> None:
        self.cable.append((on, len(self.rows)))

    def _decide(self, lane: int, direction: Direction, credential: Credential, reason: str) -> None:
        opens = reason in {"resident", "visitor", "guard"}
        for _ in range(self.moves(opens)):
            self.opened.append((lane, self.clock()))
            self.open.add(lane)
        row = Event(
            journal="j",
            seq=len(self.rows) + 1,
            kind=EventKind.DECISION,
            at=datetime(2026, 11, 21, tzinfo=UTC),
            lane=lane,
            direction=direction,
            credential=credential,
            answer="opened" if opens else "asked" if reason in _FOR_GUARD else "refused",
            reason=reason,
            ms=120 if opens else None,
            outcome=self.outcome if opens else None,
        )
        self.rows.append(row)

    def newest(self) -> int:
        return len(self.rows)

    def decision(self, wanted: Wanted, timeout: float) -> Event | None:
        self.now += timeout
        for row in self.rows:
            place = (row.lane, row.direction, row.credential)
            asked = (wanted.lane, wanted.direction, wanted.credential)
            passed_over = row.answer != "opened" and row.reason in wanted.not_for
            if row.seq > wanted.after and place == asked and not passed_over:
                return row
        return None

    def press(self, lane: int, direction: Direction, answers: int | None) -> None:
        self.answered.append(answers)
        self._decide(lane, direction, Credential.GUARD, "guard")

    def openings(self, lane: int, since: float, until: float) -> int:
        return sum(where == lane and since <= at <= until for where, at in self.opened)

    def stand(self, lane: int, *, stands: bool) -> None:
        """A car is answered where the loop feels it, as a plate alone is not."""
        if stands and self.parked is not None:
            plate, way = self.parked
            if self.slow:
                self._decide(lane, way, Credential.PLATE, "unreadable_plate")
            known = plate == PLATE
            self._decide(lane, way, Credential.PLATE, "resident" if known else "unknown_plate")
        self.parked = None

    def dark(self) -> bool:
        return True

    def lit_after(self, lane: int, _began: float) -> float | None:
        return 0.2 if any(where == lane for where, _ in self.opened) else None

    def dark_after(self, lane: int, began: float) -> float | None:
        return None if not self.dims else self.lit_after(lane, began)

    def cut_after(self, _lane: int, _began: float) -> float | None:
        return 0.1

    def walk(self, lane: int) -> bool:
        if lane not in self.open:
            return False
        self.walked.append(lane)
        self.open.discard(lane)
        return True

    def closed(self, lane: int) -> bool:
        """A gate that closes by itself while nobody looks."""
        self.open.discard(lane)
        return True


@pytest.fixture
def product() -> _Product:
    return _Product()


@pytest.fixture
def director(product: _Product) -> Director:
    around, household, cable = product, product, product.plug
    stage_set = Set(product, product, product.show, product.clock, around, household, cable)
    return Director(stage_set, threading.Event(), patience=0.03, settles=0.0, apart=0.0)


def _told(director: Director) -> list[Result]:
    return [director.play(step, _CODES) for step in story()]


def _step(name: str) -> Step:
    return next(step for step in story() if step.name == name)


def test_an_honest_product_passes_every_step(product: _Product, director: Director) -> None:
    results = _told(director)
    assert [(result.step, result.got) for result in results] == [
        (step.name, step.expected) for step in story()
    ]
    assert all(result.ok and not result.note for result in results)
    assert product.walked == [1, 1, 2, 2, 1, 2, 3, 3]
    assert set(product.shown.values()) == {EMPTY}


def test_the_guard_answers_the_last_refusal(product: _Product, director: Director) -> None:
    _told(director)
    revoked = next(row.seq for row in product.rows if row.reason == "revoked")
    assert product.answered == [revoked]


def test_the_centre_is_away_just_while_a_code_is_shown_without_it(
    product: _Product, director: Director
) -> None:
    assert director.play(_step("pass_offline"), _CODES).ok
    assert product.cable == [(False, 0), (True, 1)]


def test_a_photo_without_an_answer_and_a_face_that_stays_are_found_out(
    product: _Product, director: Director
) -> None:
    product.obeys = False
    for name in ("photo_from_phone", "face_withdrawn"):
        result = director.play(_step(name), _CODES)
        assert (result.got, result.ok) == (NOTHING, False)


def test_a_gate_that_moves_on_a_refusal_is_found_out(product: _Product, director: Director) -> None:
    product.moves = lambda _opens: 1
    result = director.play(_step("stranger_face"), _CODES)
    assert result.got == result.expected
    assert not result.ok
    assert "1 openings, not 0" in result.note


@pytest.mark.parametrize("times", [0, 2])
def test_an_opening_stands_in_the_ledger_exactly_once(
    times: int, product: _Product, director: Director
) -> None:
    product.moves = lambda opens: times if opens else 0
    result = director.play(_step("pass_in"), _CODES)
    assert result.got == "opened"
    assert not result.ok


@pytest.mark.parametrize("outcome", ["timed_out", "refused", "away", None])
def test_a_decision_is_no_opening_until_the_relay_says_so(
    outcome: str | None, product: _Product, director: Director
) -> None:
    product.outcome = outcome
    result = director.play(_step("resident_face"), _CODES)
    assert result.got == f"not_opened:{outcome}"
    assert not result.ok


def test_a_refusal_for_another_reason_is_wrong(product: _Product, director: Director) -> None:
    result = director.play(_step("pass_expired"), {**_CODES, Prop.EXPIRED: "KH1:FALSE"})
    assert (result.got, result.ok) == ("refused:forged", False)
    assert product.opened == []


def test_silence_is_an_outcome_too(product: _Product, director: Director) -> None:
    product.blind = True
    result = director.play(_step("pass_forged"), _CODES)
    assert (result.got, result.ms, result.ok) == (NOTHING, None, False)


def test_with_the_viewers_own_camera_nothing_is_drawn(
    product: _Product, director: Director
) -> None:
    result = director.play(_step("resident_face"), _CODES, live=True)
    assert result.got == NOTHING
    assert product.rows == []


def test_a_step_that_breaks_leaves_the_camera_empty(
    product: _Product, director: Director, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_wanted: Wanted, _timeout: float) -> Event | None:
        message = "core went away"
        raise RelayFault(message)

    monkeypatch.setattr(product, "decision", broken)
    with pytest.raises(RelayFault):
        director.play(_step("pass_in"), _CODES)
    assert product.shown["cam2-in"] == EMPTY


def test_a_car_that_is_read_late_is_judged_by_what_follows(
    product: _Product, director: Director
) -> None:
    product.slow = True
    assert director.play(_step("car_in"), _CODES).ok
    result = director.play(_step("car_stranger"), _CODES)
    assert (result.got, result.ok) == ("asked:unknown_plate", True)


def test_lamps_that_stay_on_or_never_go_on_are_found_out(
    product: _Product, director: Director
) -> None:
    dark = director.play(_step("lights_on"), _CODES)
    assert (dark.got, dark.ok) == (NOTHING, False)
    assert director.play(_step("car_in"), _CODES).ok
    assert director.play(_step("lights_on"), _CODES).ms == 200
    product.dims = False
    assert not director.play(_step("lights_off"), _CODES).ok
