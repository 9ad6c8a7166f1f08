"""The supervisor: starts the processes, and starts again what died or stopped turning."""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Protocol

from config.settings import Settings
from edge import wire
from edge.ailment import Ailment
from edge.beat import Beat
from edge.clock import monotonic
from edge.complaint import say
from edge.journald import configure_logging
from edge.oom import go_first
from edge.places import Places
from edge.roll_call import RollCall
from models.outage import Outage, noted

_log = logging.getLogger("kuahu.supervisor")
_SPAWN = multiprocessing.get_context("spawn")

BACK_OFF = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before the first, second, ... restart in a row."""
CALM = 60.0
"""Seconds of life after which a process has earned a quick restart again."""
STOP_WITHIN = 5.0
TURN = 0.1
"""Seconds between two looks at whether the processes turn."""


class Run(Protocol):
    """What a process does: turn until `stop`, calling `beat` at every turn of its own loops."""

    def __call__(
        self, settings: Settings, root: Path, stop: threading.Event, beat: Callable[[], None]
    ) -> None:
        """Run."""


@dataclass(frozen=True, slots=True)
class Job:
    """One process of the table: what runs, and how long it may be silent or take to begin."""

    name: str
    run: Run
    silent: float
    begin: float = 60.0
    required: bool = True
    """Whether a door depends on it: the others are started, restarted and missed, no more."""
    ready: Callable[[Path], bool] = field(default=lambda _root: True)
    """Whether the next process of the table may start."""
    spare: int = 0
    """How gladly it is given up when memory runs out: 0 to 1000, 0 for what opens doors."""


class Child:
    """A process that is kept alive."""

    def __init__(self, job: Job, settings: Settings, root: Path) -> None:
        self.job = job
        self._settings = settings
        self._root = root
        self._beat = Beat(_SPAWN)
        self._process: SpawnProcess | None = None
        self._started = 0.0
        self._failures = 0
        self._restart_at = 0.0
        self._restarts = 0
        self._fell_at: float | None = None
        self._outage = Outage(CALM)

    @property
    def state(self) -> wire.ProcessState:
        """How the process is."""
        silent, fell = self._beat.silent_for(), self._fell_at
        return wire.ProcessState(
            name=self.job.name,
            beating=self.beating,
            restarts=self._restarts,
            beat_age=-1.0 if silent is None else silent,
            fell_ago=-1.0 if fell is None else monotonic() - fell,
        )

    @property
    def pid(self) -> int | None:
        """The process's id, or None between two lives."""
        return None if self._process is None else self._process.pid

    @property
    def sentinel(self) -> int | None:
        """What becomes ready when the process ends, or None between two lives."""
        return None if self._process is None else self._process.sentinel

    def rest(self) -> float:
        """Return the seconds until it is to be looked after again, unless the process ends."""
        if self._process is not None:
            return TURN
        return min(TURN, max(0.0, self._restart_at - monotonic()))

    @property
    def beating(self) -> bool:
        """Whether the process has turned lately."""
        silent = self._beat.silent_for()
        return silent is not None and silent <= self.job.silent

    def start(self) -> None:
        """Start the process."""
        self._beat.clear()
        self._started = monotonic()
        self._process = _SPAWN.Process(
            target=_begin,
            args=(self.job.run, self.job.name, self._settings, self._root, self._beat),
            kwargs={"spare": self.job.spare},
            name=f"kuahu-{self.job.name}",
        )
        self._process.start()

    def look_after(self) -> None:
        """Start the process again when it has died, and end it when it has stopped turning."""
        now = monotonic()
        self._tell(now, wrong=self._process is None or not self._process.is_alive())
        if self._process is None:
            if now >= self._restart_at:
                self._restarts += 1
                self.start()
            return
        if not self._process.is_alive():
            self._fell(now, f"ended with status {self._process.exitcode}")
            return
        silent = self._beat.silent_for()
        hangs = silent > self.job.silent if silent is not None else False
        never = silent is None and now - self._started > self.job.begin
        if hangs or never:
            self._process.kill()
            self._process.join(STOP_WITHIN)
            self._fell(now, "stopped turning")

    def _fell(self, now: float, why: str) -> None:
        if now - self._started > CALM:
            self._failures = 0
        pause = BACK_OFF[min(self._failures, len(BACK_OFF) - 1)]
        self._failures += 1
        self._process = None
        self._restart_at = now + pause
        self._fell_at = now
        self._tell(now, wrong=True)
        _log.info("%s %s; it is started again in %.1f s", self.job.name, why, pause)

    def _tell(self, now: float, *, wrong: bool) -> None:
        """Complain once of a process that falls again and again, and say when it is well again."""
        self._outage, word = noted(self._outage, now, wrong=wrong)
        if word is not None:
            say((Ailment.PROCESS_RESTARTED, f"process {self.job.name}"), word)

    def stop(self) -> None:
        """Ask the process to end, and end it when it does not."""
        if self._process is None:
            return
        # By signal: a shared event would hang us where a child was killed while it waited for it.
        self._process.terminate()
        self._process.join(STOP_WITHIN)
        if self._process.is_alive():
            _log.warning("%s does not stop; ending it", self.job.name)
            self._process.kill()
            self._process.join(STOP_WITHIN)


class Supervisor:
    """Keeps the processes of `jobs` alive, started in order and stopped in reverse."""

    def __init__(self, jobs: Sequence[Job], settings: Settings, root: Path) -> None:
        self._root = root
        self._children = tuple(Child(job, settings, root) for job in jobs)
        self._stop = threading.Event()
        self._started: list[Child] = []
        self._thread: threading.Thread | None = None
        self._roll_call = RollCall(Places(root).core_socket, self.states)

    def start(self, stop: threading.Event | None = None) -> None:
        """Start every process, each once the one before it is ready, or until `stop`.

        Raises TimeoutError, naming the process, when a required one is not ready in time; what was
        started is stopped again. One that no door depends on is left to be started again.
        """
        asked = stop or threading.Event()
        for child in self._children:
            child.start()
            self._started.append(child)
            if not self._ready(child, asked) and child.job.required and not asked.is_set():
                self.stop()
                message = f"{child.job.name} did not get ready within {child.job.begin:.0f} s"
                raise TimeoutError(message)
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()
        self._roll_call.start()

    def _ready(self, child: Child, asked: threading.Event) -> bool:
        """Wait for one process, looking after those before it meanwhile."""
        until = monotonic() + child.job.begin
        while not (child.beating and child.job.ready(self._root)):
            if asked.wait(0.02) or monotonic() > until:
                return False
            for one in self._started:
                one.look_after()
        return True

    @property
    def healthy(self) -> bool:
        """Whether every process that a door depends on is turning."""
        return all(child.beating for child in self._children if child.job.required)

    def processes(self) -> dict[str, int | None]:
        """Return the process id of each job; None between two lives."""
        return {child.job.name: child.pid for child in self._children}

    def states(self) -> tuple[wire.ProcessState, ...]:
        """Return how each process is, in the order of the table."""
        return tuple(child.state for child in self._children)

    def stop(self) -> None:
        """Stop everything, the last started first."""
        self._stop.set()
        self._roll_call.stop()
        if self._thread is not None:
            self._thread.join()
        for child in reversed(self._started):
            child.stop()

    def _watch(self) -> None:
        while not self._stop.is_set():
            for child in self._children:
                child.look_after()
            # A process that ends wakes this at once; one that hangs shows at the next turn.
            ends = [end for child in self._children if (end := child.sentinel) is not None]
            wait(ends, min(child.rest() for child in self._children))


def _begin(run: Run, name: str, settings: Settings, root: Path, beat: Beat, *, spare: int) -> None:
    """Run one job in its own process; end with the supervisor, however that ends."""
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_on_signal(stop, signal.SIGTERM)
    configure_logging(name)
    go_first(spare)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def orphaned() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=orphaned, name="parent", daemon=True).start()
    run(settings, root, stop, beat)


def set_on_signal(stop: threading.Event, *numbers: signal.Signals) -> None:
    """Have `stop` set when one of these signals arrives.

    By a thread: a handler that took the event's lock could find it held by the very wait that it
    interrupted.
    """
    for number in numbers:
        signal.signal(number, lambda _number, _frame: threading.Thread(target=stop.set).start())
