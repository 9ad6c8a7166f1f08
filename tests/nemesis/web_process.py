"""The real web process by itself, with its objects counted for a soak.

Run as `python -m tests.nemesis.web_process SITE.toml COUNTS`.
"""

import signal
import sys
import threading
from pathlib import Path

from config.load import load
from edge.supervisor import set_on_signal
from edge.web.process import run
from tests.nemesis.vitals import count_objects


def main() -> None:
    """Serve the pages until SIGTERM."""
    settings = load(Path(sys.argv[1]))
    count_objects(Path(sys.argv[2]))
    stop = threading.Event()
    set_on_signal(stop, signal.SIGTERM)
    run(settings, settings.site.state, stop)


if __name__ == "__main__":
    main()
