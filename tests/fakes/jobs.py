"""Small jobs for a supervisor: one turns, one hangs, one dies, one will not end."""

import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

from config.settings import Settings


def _born(root: Path, name: str) -> int:
    with (root / name).open("a", encoding="ascii") as file:
        file.write(f"{os.getpid()}\n")
    return len((root / name).read_text("ascii").splitlines())


def turns(_settings: Settings, root: Path, stop: Event, beat: Callable[[], None]) -> None:
    _born(root, "turns")
    while not stop.wait(0.02):
        beat()


def hangs_once(_settings: Settings, root: Path, stop: Event, beat: Callable[[], None]) -> None:
    lives = _born(root, "hangs_once")
    beat()
    while lives == 1:
        time.sleep(0.1)
    turns(_settings, root, stop, beat)


def dies_twice(_settings: Settings, root: Path, stop: Event, beat: Callable[[], None]) -> None:
    lives = _born(root, "dies_twice")
    beat()
    if lives <= 2:
        os._exit(3)
    while not stop.wait(0.02):
        beat()


def never_begins(_settings: Settings, _root: Path, stop: Event, _beat: Callable[[], None]) -> None:
    stop.wait()


def will_not_end(_settings: Settings, root: Path, _stop: Event, beat: Callable[[], None]) -> None:
    _born(root, "will_not_end")
    while True:
        beat()
        time.sleep(0.02)


def eats_memory(_settings: Settings, root: Path, stop: Event, beat: Callable[[], None]) -> None:
    """In its first life, want more memory than it may have; then turn like any other."""
    lives = _born(root, "eats_memory")
    (root / f"score-{lives}").write_text(Path("/proc/self/oom_score_adj").read_text("ascii"))
    beat()
    if lives == 1:
        most = 512 * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        eaten = [bytearray(2**24) for _ in range(most >> 24)]
        eaten.clear()
    while not stop.wait(0.02):
        beat()


def ended_by_the_kernel(
    _settings: Settings, root: Path, stop: Event, beat: Callable[[], None]
) -> None:
    """In its first life, be ended as the kernel ends whom it picks when memory runs out."""
    lives = _born(root, "ended_by_the_kernel")
    beat()
    if lives == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    while not stop.wait(0.02):
        beat()
