"""A process that records openings as fast as it can and says so only once they are durable.

Run as `python -m tests.fakes.store_worker FOLDER THREADS EACH [die]`: prints `ready`, then for each
opening `ok SEQ CMD_ID` or `fault CMD_ID`, then `end`. With `die` it kills itself as soon as the
store has mended its first fault, before anything else is written.
"""

import os
import signal
import sys
import threading
import time
import uuid
from pathlib import Path

from edge.store.store import Store
from models.command import Action, Intent
from models.decision import Reason
from models.errors import StoreFault
from tests.fakes import store_words as say
from tests.fakes.store_words import NOW, POLICY


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def record(store: Store, cmd_id: str, crop: bytes | None = None) -> int:
    """Record one opening with its command; return the seq."""
    intent = Intent(cmd_id, 1, "relay-1", Action.OPEN, 1, NOW.mono + 1)
    return store.record(
        say.shown(),
        say.facts(claims=say.claims(pass_id=cmd_id)),
        say.opens(Reason.VISITOR, use=1),
        NOW,
        intent=intent,
        crop=crop,
        policy=POLICY,
        who="a visitor",
        home="3-1-502",
    )


def _die_when_mended(store: Store) -> None:
    while store.trouble is not None:
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGKILL)


def _work(store: Store, each: int) -> None:
    for _ in range(each):
        cmd_id = uuid.uuid4().hex
        try:
            seq = record(store, cmd_id, crop=b"crop" * 256)
        except StoreFault:
            _say(f"fault {cmd_id}")
            if "die" in sys.argv:
                _die_when_mended(store)
        else:
            _say(f"ok {seq} {cmd_id}")


def main() -> None:
    """Work until done or killed."""
    folder, threads, each = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    with Store.open(folder, NOW, ballast=0, boot=say.BOOT) as store:
        _say("ready")
        workers = [threading.Thread(target=_work, args=(store, each)) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    _say("end")


if __name__ == "__main__":
    main()
