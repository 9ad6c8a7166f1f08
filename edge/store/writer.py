"""The one writer of register.db: callers' writes share a COMMIT and wait until it is durable.

Rules of this file:
- nobody is told "done" before the COMMIT that holds the write has reached the disk;
- a write that fails by itself is undone by itself; its neighbours in the COMMIT go on;
- after an error of the file nothing of the COMMIT is kept and nothing is tried again: the file is
  reopened, checked and written to once, which also overwrites what a failed COMMIT left in the log.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError

from edge.store.database import bring_home, empty_wal, fault, is_full, is_of_the_file, quick_check
from edge.store.prepared import run_plain
from models.errors import InputError, StoreFault

T = TypeVar("T")

_PART = "register.db"
_AT_ONCE = 64
_TURN = 0.25
_COMMITS_A_CHECKPOINT = 64
"""Fewer would write the same pages home again and again; at 12 pages a decision these are 3 MB."""
_LONGEST_PAUSE = 40
"""Turns between two tries to mend the file while nobody asks for it: ten seconds."""


@dataclass(slots=True, eq=False)
class _Job:
    work: Callable[[Connection], Any]
    regret: Callable[[Connection, Any], None] | None
    done: "Future[Any]" = field(default_factory=Future)
    given_up: bool = False


class Writer:
    """A thread that owns the only writing connection to one file.

    `settle` is a small write made after each reopening; `on_fault` is told of each fault of the
    file, and whether the disk said that it is full.
    """

    def __init__(
        self,
        engine: Engine,
        settle: Callable[[Connection], None],
        on_fault: Callable[[bool], None],
    ) -> None:
        self._engine = engine
        self._settle = settle
        self._on_fault = on_fault
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._trouble: StoreFault | None = None
        self._in_doubt = False
        self._pause = 1
        self._patience = 0
        self._turns = 0
        self._commits = 0
        self._connection = self._open()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    @property
    def turns(self) -> int:
        """How often the writer's loop has turned; a number that stands still is a hung disk."""
        return self._turns

    @property
    def waiting(self) -> int:
        """How many writes have not been begun."""
        return self._jobs.qsize()

    @property
    def trouble(self) -> StoreFault | None:
        """The fault that keeps the file from being written, or None."""
        return self._trouble

    def submit(
        self,
        work: Callable[[Connection], T],
        *,
        wait: float = 5.0,
        regret: Callable[[Connection, T], None] | None = None,
    ) -> T:
        """Return what `work` returned, once its COMMIT is durable.

        `regret` undoes in a later COMMIT what became durable only after `wait` seconds, when the
        caller had been told that it failed. Raises StoreFault when nothing was kept, InputError for
        a number that no file can keep, and whatever else `work` itself raised.
        """
        job = self._put(_Job(work, regret))
        try:
            result: T = job.done.result(wait)
        except FutureTimeout as error:
            with self._gate:
                job.given_up = not job.done.done()
            if not job.given_up:
                late: T = job.done.result(0)
                return late
            message = f"the disk did not answer within {wait:g} s"
            advice = "Look at the disk: `kuahu doctor` says what is wrong with it."
            raise StoreFault(message, part="store", advice=advice) from error
        return result

    def begin(self, work: Callable[[Connection], T]) -> "Future[T]":
        """Put `work` among the writes, for a caller who does not wait for it.

        What is returned holds what `submit` would return or raise. Raises StoreFault once closed.
        """
        return self._put(_Job(work, None)).done

    def _put(self, job: _Job) -> _Job:
        with self._gate:
            if self._closed:
                message = "the store is closed"
                raise StoreFault(message, part="store", advice="Start Kuahu again.")
            self._jobs.put(job)
        return job

    def empty_log(self) -> None:
        """Write the log back into the file, so that what was deleted is gone from both."""
        empty_wal(self._engine)

    def close(self) -> None:
        """Write what is waiting, then let the file go; a second call does nothing."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._turns += 1
            try:
                first = self._jobs.get(timeout=_TURN)
            except queue.Empty:
                self._idle()
                continue
            jobs, last = self._gather(first)
            if jobs:
                self._serve(jobs)
            if last:
                self._connection.close()
                return

    def _idle(self) -> None:
        if self._trouble is None:
            if self._commits >= _COMMITS_A_CHECKPOINT:
                self._commits = 0
                bring_home(self._connection)
            return
        # Checking a large file is work: while the trouble lasts it is done less and less often.
        self._patience -= 1
        if self._patience <= 0:
            self._mend()

    def _gather(self, first: _Job | None) -> tuple[list[_Job], bool]:
        jobs: list[_Job] = []
        job = first
        while job is not None:
            jobs.append(job)
            if len(jobs) == _AT_ONCE:
                return jobs, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs, False
        return jobs, True

    def _serve(self, jobs: Sequence[_Job]) -> None:
        if self._trouble is not None and not self._mend():
            for job in jobs:
                _fail(job, self._trouble)
            return
        try:
            answers = self._commit([job for job in jobs if not job.given_up])
        except SQLAlchemyError as error:
            trouble = self._note(error)
            for job in jobs:
                _fail(job, trouble)
            self._mend()
            return
        self._answer(answers)

    def _commit(self, jobs: Sequence[_Job]) -> list[tuple[_Job, Any, Exception | None]]:
        answers: list[tuple[_Job, Any, Exception | None]] = []
        self._commits += 1
        with self._connection.begin():
            for job in jobs:
                run_plain(self._connection, "SAVEPOINT job")
                try:
                    answers.append((job, job.work(self._connection), None))
                except Exception as error:  # noqa: BLE001 - handed to the caller, whose it is
                    self._must_go_on(error)
                    run_plain(self._connection, "ROLLBACK TO job")
                    answers.append((job, None, error))
                run_plain(self._connection, "RELEASE job")
        return answers

    def _must_go_on(self, error: Exception) -> None:
        # SQLite undoes the whole transaction by itself after some errors; going on would then
        # write outside one, and acknowledge what was undone.
        raw = self._connection.connection.dbapi_connection
        if is_of_the_file(error):
            raise error
        if not getattr(raw, "in_transaction", False):
            message = "the database undid the whole transaction"
            raise InvalidRequestError(message) from error

    def _answer(self, answers: Sequence[tuple[_Job, Any, Exception | None]]) -> None:
        # The gate once for all: who is answered goes on at once, and would wait for it in turn.
        with self._gate:
            for job, result, error in answers:
                if not job.given_up and error is None:
                    job.done.set_result(result)
                elif not job.given_up:
                    job.done.set_exception(_told(error))
                elif error is None and job.regret is not None and not self._closed:
                    self._jobs.put(_Job(_undoing(job.regret, result), None))

    def _mend(self) -> bool:
        """Reopen, check and settle the file; return whether it can be written again."""
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        self._patience = self._pause
        try:
            found = quick_check_of(self._engine) if self._in_doubt else None
        except StoreFault as trouble:
            self._trouble = trouble
            return False
        if found is not None:
            message = f"{_PART} is damaged: {found}"
            advice = "Start Kuahu again: it puts the newest good backup in its place."
            self._trouble = StoreFault(message, part="store", advice=advice)
            return False
        old = self._connection
        try:
            # The new connection comes before the old one goes, so that the log's index survives
            # and the frames of the failed COMMIT stay unseen until `settle` overwrites them.
            self._connection = self._open()
            old.invalidate()
            old.close()
            with self._connection.begin():
                self._settle(self._connection)
        except SQLAlchemyError as error:
            self._note(error)
            return False
        self._trouble = None
        self._in_doubt = False
        self._pause = 1
        return True

    def _note(self, error: SQLAlchemyError) -> StoreFault:
        full = is_full(error)
        self._in_doubt = self._in_doubt or not full
        self._trouble = fault(_PART, error)
        self._on_fault(full)
        return self._trouble

    def _open(self) -> Connection:
        return self._engine.connect()


def quick_check_of(engine: Engine) -> str | None:
    """Return what SQLite finds wrong with an engine's file, or None when it is sound."""
    path = engine.url.database
    assert path is not None
    return quick_check(Path(path))


def _undoing(regret: Callable[[Connection, Any], None], result: object) -> Callable[..., None]:
    def undo(connection: Connection) -> None:
        regret(connection, result)

    return undo


def _told(error: Exception | None) -> Exception:
    if isinstance(error, SQLAlchemyError):
        told = fault(_PART, error)
        told.__cause__ = error
        return told
    if isinstance(error, OverflowError):
        refused = InputError(f"a number in it is too large to be kept: {error}")
        refused.__cause__ = error
        return refused
    assert error is not None
    return error


def _fail(job: _Job, trouble: StoreFault) -> None:
    # Each caller gets an exception of its own: one object raised in many threads would gather
    # all their tracebacks.
    mine = StoreFault(str(trouble), part=trouble.part, advice=trouble.advice)
    mine.__cause__ = trouble.__cause__
    if not job.done.done():
        job.done.set_exception(mine)
