"""The one writer: many callers, one COMMIT, and nobody is told "done" who is not."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

from edge.store import database, marks, migrate
from edge.store.store import Store
from edge.store.words import UseTaken
from edge.store.writer import Writer
from models.errors import StoreFault
from models.event import EventKind
from tests.fakes import store_words as say
from tests.fakes.store_site import opened, quick_folder
from tests.fakes.store_words import NOW

SYNCHRONOUS_FULL = 2


class Desk:
    """A writer on a file of its own, its commits counted, and a way to hold it up."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.commits = 0
        self.faults: list[bool] = []
        event.listen(engine, "commit", self._count)
        self.writer = Writer(engine, marks.note_fault, self.faults.append)

    def _count(self, _connection: Connection) -> None:
        self.commits += 1

    def put(self, name: str) -> Callable[[Connection], str]:
        def work(connection: Connection) -> str:
            marks.write(connection, name, "there")
            return name

        return work

    def has(self, name: str) -> bool:
        return self.writer.submit(lambda connection: marks.read(connection, name)) == "there"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with quick_folder() as folder:
        engine = database.writing(folder / "register.db")
        migrate.migrate(migrate.REGISTER_SCHEMA, engine)
        made = Desk(engine)
        yield made
        made.writer.close()


class Held:
    """Holds a writer up in the middle of a job until `go`."""

    def __init__(self, writer: Writer) -> None:
        self._inside, self._go = threading.Event(), threading.Event()
        self._pool = ThreadPoolExecutor(1)
        self.answer = self._pool.submit(writer.submit, self._work, wait=60)
        assert self._inside.wait(30)

    def _work(self, _connection: Connection) -> None:
        self._inside.set()
        assert self._go.wait(30)

    def go(self) -> None:
        self._go.set()
        self.answer.result(30)
        self._pool.shutdown()


def together(desk: Desk, *works: Callable[[Connection], object]) -> list[object]:
    """Submit works so that they share one COMMIT, in order; return results or exceptions."""
    held = Held(desk.writer)
    with ThreadPoolExecutor(len(works)) as pool:
        answers = []
        for number, work in enumerate(works, 1):
            answers.append(pool.submit(desk.writer.submit, work, wait=60))
            while desk.writer.waiting < number:
                threading.Event().wait(0.001)
        held.go()
        return [one.exception(30) or one.result() for one in answers]


def test_waiting_callers_share_one_commit(desk: Desk) -> None:
    before = desk.commits
    names = [f"n{number}" for number in range(40)]
    assert together(desk, *(desk.put(name) for name in names)) == names
    assert desk.commits - before == 2
    assert all(desk.has(name) for name in names)


def test_a_failing_write_is_undone_alone(desk: Desk) -> None:
    def fails(connection: Connection) -> None:
        marks.write(connection, "half", "there")
        message = "not today"
        raise ValueError(message)

    def is_wrong(connection: Connection) -> None:
        marks.write(connection, "wrong", "there")
        connection.exec_driver_sql("INSERT INTO state VALUES ('wrong', NULL)")

    answers = together(desk, desk.put("a"), fails, is_wrong, desk.put("b"))
    assert (answers[0], answers[3]) == ("a", "b")
    assert isinstance(answers[1], ValueError)
    assert isinstance(answers[2], StoreFault)
    assert isinstance(answers[2].__cause__, DBAPIError)
    assert [desk.has(name) for name in ("a", "half", "wrong", "b")] == [True, False, False, True]
    assert desk.writer.trouble is None


def test_nobody_is_told_done_when_the_whole_commit_was_undone(desk: Desk) -> None:
    def loses_everything(connection: Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")
        message = "after SQLite undid it all"
        raise ValueError(message)

    answers = together(desk, desk.put("before"), loses_everything, desk.put("after"))
    assert [type(one) for one in answers] == [StoreFault] * 3
    assert not desk.has("before")
    assert not desk.has("after")


def test_a_full_file_refuses_then_goes_on_after_reopening(desk: Desk) -> None:
    def fill(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        marks.write(connection, "large", "x" * 100_000)

    with pytest.raises(StoreFault, match="full"):
        desk.writer.submit(fill)
    assert desk.faults == [True]
    assert desk.writer.submit(desk.put("next")) == "next"
    assert not desk.has("large")
    assert desk.writer.trouble is None
    faults = desk.writer.submit(lambda connection: marks.read_number(connection, marks.FAULTS))
    assert faults == 1


def test_a_damaged_file_stays_refused(desk: Desk) -> None:
    desk.writer.submit(lambda connection: marks.write(connection, "large", "x" * 200_000))
    database.empty_wal(desk.engine)
    path = Path(str(desk.engine.url.database))
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)

    def spoil(connection: Connection) -> None:
        path.write_bytes(bytes(content))
        connection.exec_driver_sql("PRAGMA shrink_memory")
        marks.write(connection, "name", "value")

    for work in (spoil, desk.put("next")):
        with pytest.raises(StoreFault, match=r"damaged|malformed"):
            desk.writer.submit(work)
    trouble = desk.writer.trouble
    assert trouble is not None
    assert "backup" in trouble.advice


def test_who_has_given_up_is_skipped(desk: Desk) -> None:
    held = Held(desk.writer)
    with pytest.raises(StoreFault, match="did not answer"):
        desk.writer.submit(desk.put("late"), wait=0.01)
    held.go()
    assert not desk.has("late")


def test_what_was_done_too_late_is_regretted(desk: Desk) -> None:
    regretted, go = threading.Event(), threading.Event()

    def slow(connection: Connection) -> str:
        assert go.wait(30)
        return desk.put("slow")(connection)

    def regret(connection: Connection, result: str) -> None:
        marks.write(connection, result, "taken back")
        regretted.set()

    with pytest.raises(StoreFault, match="did not answer"):
        desk.writer.submit(slow, wait=0.01, regret=regret)
    go.set()
    assert regretted.wait(30)
    assert not desk.has("slow")


def test_the_loop_turns_by_itself_and_stands_still_when_held(desk: Desk) -> None:
    held = Held(desk.writer)
    stuck = desk.writer.turns
    held.go()
    seen = threading.Event()
    while desk.writer.turns < stuck + 3:
        seen.wait(0.01)
    assert desk.writer.turns > stuck


def synchronous(store: Store) -> set[int]:
    """Return the setting of every connection that writes, asked of SQLite itself."""

    def ask(connection: Connection) -> int:
        return int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())

    parts = store._parts
    found = {parts.writer.submit(ask)}
    for engine in (parts.faces._keys, parts.faces._templates):
        with engine.connect() as connection:
            found.add(ask(connection))
    return found


def test_every_file_is_written_with_synchronous_full() -> None:
    with quick_folder() as folder, Store.open(folder, NOW, ballast=0) as store:
        assert synchronous(store) == {SYNCHRONOUS_FULL}


def test_a_store_that_is_merely_normal_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with quick_folder() as folder:
        Store.open(folder, NOW, ballast=0).close()
        monkeypatch.setattr(database, "DURABLE", "NORMAL")
        with Store.open(folder, NOW, ballast=0) as store:
            assert synchronous(store) != {SYNCHRONOUS_FULL}


def test_of_many_lanes_one_takes_the_use() -> None:
    with quick_folder() as folder, Store.open(folder, NOW, ballast=0, boot=say.BOOT) as store:
        start = threading.Barrier(32)

        def lane(number: int) -> bool:
            start.wait(30)
            try:
                opened(store, lane=number)
            except UseTaken:
                return False
            return True

        with ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lane, range(1, 33)))
        assert answers.count(True) == 1
        decisions = [row for row in store.events() if row.kind is EventKind.DECISION]
        assert [row.lane for row in decisions] == [answers.index(True) + 1]
