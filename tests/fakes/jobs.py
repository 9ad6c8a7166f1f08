"""Small jobs for a supervisor: one turns, one hangs, one dies, one will not end."""

import os
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
