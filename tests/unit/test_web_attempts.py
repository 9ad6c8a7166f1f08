import pytest

from edge.web.attempts import ADDRESS, EVERYONE, FORGET, PAIR, Attempts

HERE, THERE = "10.0.0.8", "10.0.0.9"


def _fail(attempts: Attempts, times: int, account: str = "wang", address: str = HERE) -> None:
    for _ in range(times):
        attempts.tried(account, address, 0.0)


def test_a_few_mistakes_cost_nothing() -> None:
    attempts = Attempts()
    _fail(attempts, PAIR.free)
    assert attempts.wait("wang", HERE, 0.0) == 0


def test_each_further_mistake_doubles_the_wait_up_to_a_limit() -> None:
    attempts = Attempts()
    _fail(attempts, PAIR.free)
    waits = []
    for _ in range(12):
        _fail(attempts, 1)
        waits.append(attempts.wait("wang", HERE, 0.0))
    assert waits[:3] == [2, 4, 8]
    assert waits[-1] == PAIR.most


def test_an_attacker_elsewhere_does_not_lock_the_guard_out() -> None:
    attempts = Attempts()
    _fail(attempts, 1000, address=THERE)
    assert attempts.wait("wang", THERE, 0.0) == PAIR.most
    assert attempts.wait("wang", HERE, 0.0) <= EVERYONE.most


def test_one_address_is_slowed_whatever_account_it_tries() -> None:
    attempts = Attempts()
    for number in range(ADDRESS.free + 3):
        attempts.tried(f"name-{number}", HERE, 0.0)
    assert attempts.wait("another", HERE, 0.0) == 8
    assert attempts.wait("another", THERE, 0.0) == 0


def test_a_right_password_takes_its_own_try_back() -> None:
    attempts = Attempts()
    for _ in range(ADDRESS.free * 3):
        attempts.tried("wang", HERE, 0.0)
        attempts.passed("wang", HERE)
    assert attempts.wait("wang", HERE, 0.0) == 0


@pytest.mark.parametrize(("later", "over"), [(1.0, False), (2.0, True), (FORGET, True)])
def test_the_wait_ends(later: float, over: bool) -> None:
    attempts = Attempts()
    _fail(attempts, PAIR.free + 1)
    assert (attempts.wait("wang", HERE, later) <= 0) is over


def test_names_made_up_by_the_thousand_do_not_fill_the_memory() -> None:
    attempts = Attempts()
    for number in range(30_000):
        attempts.tried(f"name-{number}", f"10.{number}", 0.0)
    assert len(attempts._failures) <= 10_000
