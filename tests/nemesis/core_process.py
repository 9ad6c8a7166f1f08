"""The real core process by itself, for a test to kill, to trace, or to take a law out of.

Run as `python -m tests.nemesis.core_process SITE.toml [WORD ...]`. The words change one thing each:
`normal-sync`, `resend-at-restart` and `believe-the-broker` are mutants that the oracle must find;
`die-after-send` is a crash at the worst moment, between command and report; `count-objects` writes
how many blocks its objects hold beside the site file, once a second.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from config.load import load
from edge.arm import ACT_WITHIN
from edge.core import process
from edge.lane import LaneKeeper
from edge.store import commands, database, recording
from edge.supervisor import set_on_signal
from models.command import Action, Command, Intent, Outcome, Position, Report
from models.moment import Moment
from mqtt_bridge.bridge import Bridge
from tests.nemesis.vitals import count_objects


def normal_sync() -> None:
    """Acknowledge what has not reached the disk."""
    database.DURABLE = "NORMAL"


def resend_at_restart() -> None:
    """Send the commands that nobody answered again, as peers do that queue their outputs."""
    left: list[tuple[str, int, int, str]] = []
    closing, running = recording.close_unanswered, LaneKeeper.run

    def close(connection: Connection, journal: str, now: Moment) -> int:
        left.extend(commands.unanswered(connection))
        return closing(connection, journal, now)

    def run(self: LaneKeeper, stop: threading.Event) -> None:
        for cmd_id, _, lane, relay in left:
            if lane == self.lane.number:
                arm = self._arm
                while (fresh := arm.intent(Action.OPEN, time.monotonic() + 3.0)) is None:
                    time.sleep(0.02)
                again = Intent(cmd_id, lane, relay, Action.OPEN, fresh.seq, fresh.deadline)
                arm.send(again, None)
        running(self, stop)

    recording.close_unanswered = close
    LaneKeeper.run = run  # type: ignore[method-assign]


def believe_the_broker() -> None:
    """Take a message that left for a barrier that moved."""
    sending = Bridge.send

    def send(self: Bridge, command: Command) -> None:
        sending(self, command)
        done = Report(
            command.cmd_id,
            command.relay,
            command.lane,
            Outcome.DONE,
            Position.OPEN,
            time.monotonic(),
        )
        self._hear(done)

    Bridge.send = send  # type: ignore[method-assign]


def die_after_send() -> None:
    """End once the relay has had the first command, before its report is on record."""
    sending = Bridge.send

    def send(self: Bridge, command: Command) -> None:
        sending(self, command)
        time.sleep(ACT_WITHIN)
        os.kill(os.getpid(), signal.SIGKILL)

    Bridge.send = send  # type: ignore[method-assign]


def count_my_objects() -> None:
    """Let a soak see what this process holds."""
    count_objects(Path(sys.argv[1]).with_name("objects-core"))


WORDS: dict[str, Callable[[], Any]] = {
    "normal-sync": normal_sync,
    "resend-at-restart": resend_at_restart,
    "believe-the-broker": believe_the_broker,
    "die-after-send": die_after_send,
    "count-objects": count_my_objects,
}


def main() -> None:
    """Keep the doors until SIGTERM."""
    settings = load(Path(sys.argv[1]))
    for word in sys.argv[2:]:
        WORDS[word]()
    stop = threading.Event()
    set_on_signal(stop, signal.SIGTERM, signal.SIGINT)
    process.run(settings, settings.site.state, stop, lambda: None)


if __name__ == "__main__":
    main()
