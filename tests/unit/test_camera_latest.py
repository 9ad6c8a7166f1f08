"""A mailbox of one."""

import threading

from edge.latest import Latest


def test_the_newest_value_wins_and_the_others_are_counted() -> None:
    box = Latest[int]()
    for value in (1, 2, 3):
        box.put(value)
    assert box.take() == 3
    assert box.dropped == 2


def test_a_taken_value_is_gone_and_was_not_dropped() -> None:
    box = Latest[int]()
    box.put(1)
    assert box.take() == 1
    assert box.take() is None
    box.put(2)
    assert box.dropped == 0


def test_a_put_rings_the_bell() -> None:
    bell = threading.Event()
    box = Latest[int](bell)
    assert not bell.is_set()
    box.put(1)
    assert bell.is_set()


def test_a_waiting_reader_is_woken_by_a_put() -> None:
    box = Latest[int]()
    taken: list[int | None] = []
    reader = threading.Thread(target=lambda: taken.append(box.take(timeout=60)))
    reader.start()
    box.put(7)
    reader.join(60)
    assert taken == [7]


def test_waiting_for_nothing_ends() -> None:
    assert Latest[int]().take(timeout=0.01) is None
