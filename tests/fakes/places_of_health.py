"""Where the state of a site is read: its figures and its journal, as the programs write them."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client.exposition import generate_latest
from prometheus_client.registry import CollectorRegistry

from config.settings import Settings
from edge import wire
from edge.journald import configure_logging
from edge.web.exposition import Exposition, Names, Snapshot

SETTINGS = Settings.model_validate(
    {
        "site": {"compound": "00112233"},
        "camera": [{"id": "cam1", "source": "kiosk"}, {"id": "cam2", "source": "kiosk"}],
        "relay": [{"name": "gate-1"}, {"name": "gate-2"}, {"name": "garage"}],
        "zone": [{"id": "hall", "lamps": "garage/1", "watts": 40, "inputs": ["garage/pir"]}],
        "load": [{"id": "c1", "socket": "garage/2", "max_amps": 10, "smoke": ["garage/smoke"]}],
        "lane": [
            {"number": 1, "name": "东门", "relay": "gate-1", "view": [{"camera": "cam1"}]},
            {"number": 2, "name": "西门", "relay": "gate-2", "view": [{"camera": "cam2"}]},
        ],
    }
)


def metrics(site: wire.Site | None, *, up: bool = True) -> str:
    registry = CollectorRegistry()
    registry.register(Exposition(Snapshot(up, 0.5, site), Names.of(SETTINGS)))
    return generate_latest(registry).decode()


@contextmanager
def journal() -> Iterator[io.StringIO]:
    """Yield what the journal of the machine would get, as a process of ours writes it."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in list(root.manager.loggerDict)}
    written = io.StringIO()
    try:
        configure_logging("core")
        (handler,) = root.handlers
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(written)
        yield written
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        for name, old in levels.items():
            logging.getLogger(name).setLevel(old)
