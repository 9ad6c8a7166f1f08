import logging

import pytest

from edge.unwritten import ROOM, Unwritten
from tests.fakes.compound import Compound


def test_what_does_not_fit_is_said_to_be_lost_and_never_counted_for_ever(
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = Compound()
    site.shelf.broken = True
    waiting = Unwritten(site.store, site.announced.append)
    for _ in range(ROOM + 3):
        waiting.late(site.press(1), site.clocks.now())
    assert waiting.openings == ROOM
    lost = [row for row in caplog.records if row.levelno == logging.ERROR]
    assert len(lost) == 3
    assert "the oldest is lost" in lost[0].getMessage()
    site.shelf.broken = False
    waiting.retry(site.clocks.now())
    assert (waiting.openings, waiting.disk_is_back) == (0, True)
