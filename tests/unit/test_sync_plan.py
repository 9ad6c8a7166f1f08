"""How the outbox is emptied, decided as values."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sync import plan
from edge.sync.plan import Course, Look, Quarantine, Refused, Taken, Unheard, Upload, Wait
from edge.sync.ports import Key
from edge.sync.ports import Row as Waiting
from tests.fakes.centre_events import Row, chain

ROWS = tuple(chain(8))
CHANCE = st.floats(0, 1)
NOT_CONTENT = st.integers(201, 599).filter(lambda status: status not in {400, 413, 422})


def key(row: Waiting) -> Key:
    return (row.journal, row.seq)


def sending(rows: tuple[Row, ...]) -> Course:
    return plan.found(Course(), rows)


def test_the_first_step_is_a_look() -> None:
    assert plan.step(Course()) == Look(plan.BATCH)


def test_an_empty_outbox_is_looked_at_again_later() -> None:
    course = plan.found(Course(), [])
    assert plan.step(course) == Wait(plan.IDLE)
    assert plan.step(plan.waited(course)) == Look(plan.BATCH)


def test_what_was_found_is_sent_whole() -> None:
    assert plan.step(sending(ROWS)) == Upload(ROWS)


def test_after_a_receipt_comes_the_next_look() -> None:
    course = plan.heard(sending(ROWS), Taken(frozenset({key(ROWS[0])})), 0.5)
    assert plan.step(course) == Look(plan.BATCH)


@given(CHANCE, st.integers(0, 40))
def test_the_wait_doubles_and_has_an_end(chance: float, failures: int) -> None:
    step = plan.step(plan.failed(Course(failures=failures), chance))
    assert isinstance(step, Wait)
    whole = min(plan.FIRST_WAIT * 2**failures, plan.LONGEST_WAIT)
    assert whole / 2 <= step.seconds <= whole


def quiet() -> Course:
    course = Course()
    for _ in range(plan.QUIET):
        assert plan.step(course) == Look(plan.BATCH)
        course = plan.waited(plan.found(course, []))
    return course


def test_a_centre_that_is_sent_nothing_for_long_is_asked_whether_it_is_there() -> None:
    course = quiet()
    assert plan.step(course) == Upload(())
    course = plan.heard(course, Taken(frozenset()), 0.5)
    assert plan.step(course) == Look(plan.BATCH)
    assert plan.found(plan.waited(course), []).quiet == 1


@pytest.mark.parametrize("answer", [Unheard(), Refused(503, "no"), Refused(422, "no")])
def test_one_that_does_not_answer_is_asked_again_until_it_does(answer: plan.Answer) -> None:
    course = quiet()
    for failures in (1, 2, 3):
        course = plan.heard(course, answer, 0.5)
        assert isinstance(plan.step(course), Wait)
        assert course.failures == failures
        course = plan.waited(course)
        assert plan.step(course) == Upload(())
    course = plan.heard(course, Taken(frozenset()), 0.5)
    assert (plan.step(course), course.failures) == (Look(plan.BATCH), 0)


def test_something_to_send_is_question_enough() -> None:
    course = plan.found(quiet(), ROWS)
    assert plan.step(course) == Upload(ROWS)
    assert course.quiet == 0


@pytest.mark.parametrize("asked", [None, 120.0])
def test_a_street_of_edges_does_not_come_back_as_one(asked: float | None) -> None:
    chances = [number / 100 for number in range(100)]
    waits = {plan.failed(Course(failures=9), chance, asked).wait for chance in chances}
    assert len(waits) == 100


@given(CHANCE, st.integers(0, 10), st.floats(0, 1e6))
def test_retry_after_is_a_floor_within_reason(chance: float, failures: int, asked: float) -> None:
    wait = plan.failed(Course(failures=failures), chance, asked).wait
    assert wait is not None
    assert wait >= min(asked, plan.LONGEST_ASKED)
    assert wait <= max(min(asked, plan.LONGEST_ASKED) + plan.FIRST_WAIT, plan.LONGEST_WAIT)


@given(NOT_CONTENT, CHANCE, st.none() | st.floats(0, 100))
def test_a_refusal_that_is_not_of_the_content_waits_and_keeps_every_row(
    status: int, chance: float, asked: float | None
) -> None:
    for course in (sending(ROWS), replace(sending(ROWS[:1]), suspect="was refused alone")):
        after = plan.heard(course, Refused(status, "no", asked), chance)
        assert isinstance(plan.step(after), Wait)
        assert plan.step(plan.waited(after)) == Look(plan.BATCH)


def test_an_answer_that_proves_nothing_waits() -> None:
    assert isinstance(plan.step(plan.heard(sending(ROWS), Unheard(), 0.5)), Wait)


def test_a_success_forgets_the_failures_before_it() -> None:
    course = replace(sending(ROWS), failures=7)
    assert plan.heard(course, Taken(frozenset({key(ROWS[0])})), 0.5).failures == 0


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refused_batch_is_sent_in_halves(status: int) -> None:
    course = plan.heard(sending(ROWS), Refused(status, "no"), 0.5)
    assert plan.step(course) == Upload(ROWS[:4])
    course = plan.heard(course, Taken(frozenset(map(key, ROWS[:4]))), 0.5)
    assert plan.step(course) == Upload(ROWS[4:])


def test_a_single_refused_row_is_put_aside_only_once_the_centre_takes_an_empty_batch() -> None:
    course = plan.heard(sending(ROWS[:1]), Refused(400, "no"), 0.5)
    assert plan.step(course) == Upload(())
    course = plan.heard(course, Taken(frozenset()), 0.5)
    assert plan.step(course) == Quarantine(key(ROWS[0]), "no")
    assert plan.step(plan.put_aside(course)) == Look(plan.BATCH)


def test_a_centre_that_refuses_even_an_empty_batch_costs_no_row() -> None:
    course = plan.heard(sending(ROWS[:1]), Refused(400, "no"), 0.5)
    course = plan.heard(course, Refused(400, "no"), 0.5)
    assert isinstance(plan.step(course), Wait)
    assert plan.step(plan.waited(course)) == Look(plan.BATCH)


@dataclass
class World:
    """A centre that takes all but `poison`, and an outbox that forgets what it is told to."""

    waiting: list[Row]
    poison: frozenset[Key]
    taken: list[Key] = field(default_factory=list)
    aside: list[Key] = field(default_factory=list)
    sent: int = 0

    def turn(self, course: Course) -> Course:
        match plan.step(course):
            case Look(limit):
                return plan.found(course, self.waiting[:limit])
            case Wait():
                return plan.waited(course)
            case Quarantine(name, _):
                self.aside.append(name)
                self.waiting = [row for row in self.waiting if key(row) != name]
                return plan.put_aside(course)
            case Upload(rows):
                self.sent += 1
                names = frozenset(map(key, rows))
                if names & self.poison:
                    return plan.heard(course, Refused(400, "no"), 0.5)
                self.taken += sorted(names)
                self.waiting = [row for row in self.waiting if key(row) not in names]
                return plan.heard(course, Taken(names), 0.5)


@given(st.integers(0, 60), st.data())
def test_exactly_the_poison_is_put_aside_and_all_else_arrives_once(
    count: int, data: st.DataObject
) -> None:
    rows = chain(count)
    chosen = data.draw(st.sets(st.integers(1, max(count, 1)), max_size=5))
    poison = frozenset(key(row) for row in rows if row.seq in chosen)
    world = World(list(rows), poison)
    course = Course()
    for _ in range(20 + count * 2 + 20 * len(poison)):
        course = world.turn(course)
    assert world.waiting == []
    assert set(world.aside) == poison
    assert sorted(world.taken) == sorted(set(map(key, rows)) - poison)
    # One poison row among n costs about two requests for each halving, and one to try the centre.
    assert world.sent <= 2 + len(poison) * (2 * max(count, 1).bit_length() + 2)
