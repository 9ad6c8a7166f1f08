"""The wall clock leaps about; doors, deadlines and watchdogs do not notice."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import edge.beat
from config.settings import Settings, Site
from edge.supervisor import Job, Supervisor
from models.command import Action
from models.moment import Moment
from mqtt_bridge.relay_core import Cause
from tests.fakes.compound import START, Compound
from tests.fakes.jobs import turns
from tests.fakes.running_site import wait_until

HOUR = 3600.0
Leap = Callable[[float], timedelta]
"""From seconds since the start to how far the wall clock is off."""

LEAPS: dict[str, Leap] = {
    "2000-01-01 after ten seconds": lambda since: (
        datetime(2000, 1, 1, tzinfo=UTC) - START if since > 10 else timedelta()
    ),
    "a day back": lambda since: timedelta(days=-1 if since > 5 else 0),
    "an hour ahead": lambda since: timedelta(hours=1 if since > 5 else 0),
    "twenty years ahead": lambda since: timedelta(days=7305 if since > 15 else 0),
    "back and forth": lambda since: timedelta(hours=3 * (int(since / 0.7) % 3 - 1)),
}

Seen = tuple[list[tuple[str, str]], list[tuple[float, Action, Cause]], list[int]]


def story(moment: Callable[[Compound], Moment]) -> Seen:
    """Play a morning at two lanes; return the answers, what the gates did, and the order of rows.

    Persons and guards only: a pass has an end, which the wall clock is meant to decide.
    """
    site = Compound()
    site.clocks.now = lambda: moment(site)  # type: ignore[method-assign]
    person = site.resident()
    said = [site.show(site.face(1, person)), site.show(site.face(1, None))]
    site.settle(8)
    said.append(site.show(site.press(2)))
    site.walk("gate-2")
    site.relays.broker_up = False
    site.settle(3)
    said.append(site.show(site.press(1)))
    site.relays.broker_up = True
    site.settle(2)
    said.append(site.show(site.press(1, age=30.0)))
    site.relays.gates["gate-2"].fire(on=True)
    site.settle(5)
    moves = [(round(e.t, 2), e.action, e.cause) for e in site.relays.ledger]
    rows = [row.seq for row in site.store.events(0, 100)]
    return [(one.answer, one.reason) for one in said], moves, rows


def true(site: Compound) -> Moment:
    since = site.clock() - 1000.0
    return Moment(START + timedelta(seconds=since), site.clock())


def off_by(leap: Leap) -> Callable[[Compound], Moment]:
    def moment(site: Compound) -> Moment:
        now = true(site)
        return Moment(now.utc + leap(now.mono - 1000.0), now.mono)

    return moment


def by_the_wall(leap: Leap) -> Callable[[Compound], Moment]:
    """The mutant: deadlines and freshness by the wall clock."""

    def moment(site: Compound) -> Moment:
        now = off_by(leap)(site)
        return Moment(now.utc, 1000.0 + (now.utc - START).total_seconds())

    return moment


@pytest.mark.fault("F17")
@pytest.mark.parametrize("name", LEAPS)
def test_a_leaping_clock_changes_nothing_at_the_doors(name: str) -> None:
    answers, moves, rows = story(off_by(LEAPS[name]))
    assert (answers, moves, rows) == story(true)
    assert [answer for answer, _ in answers] == ["opened", "refused", "opened", "away", "refused"]
    assert "fire" in [cause for _, _, cause in moves]
    assert rows == sorted(rows)


@pytest.mark.fault("F17")
@pytest.mark.parametrize("name", LEAPS)
def test_a_lane_that_goes_by_the_wall_clock_is_found_out(name: str) -> None:
    try:
        seen = story(by_the_wall(LEAPS[name]))
    except AssertionError:
        # Its time stood still or ran away so far that the story could not be played to its end.
        return
    assert seen != story(true)


def ended_by_a_leap(root: Path, leap: Callable[[], None]) -> bool:
    """Supervise a healthy process, let the clock leap, and return whether it was ended."""
    supervisor = Supervisor(
        (Job("turns", turns, silent=10.0),),  # type: ignore[arg-type] # its names differ
        Settings(site=Site(compound="00000000")),
        root,
    )
    supervisor.start()
    try:
        pid = supervisor.processes()["turns"]
        beats = supervisor._children[0]._beat._at
        leap()
        before = beats.value
        wait_until(
            lambda: beats.value > before + 0.5 or supervisor.processes()["turns"] != pid,
            30,
            "half a second of turning",
        )
        # Give the supervisor, which looks ten times a second, time for a wrong conclusion.
        time.sleep(0.5)
        return supervisor.processes()["turns"] != pid
    finally:
        supervisor.stop()


@pytest.mark.fault("F17")
def test_a_leap_of_the_wall_clock_ends_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leap() -> None:
        wall = time.time  # noqa: TID251 - what leaps
        monkeypatch.setattr(time, "time", lambda: wall() + HOUR)

    assert not ended_by_a_leap(tmp_path, leap)


@pytest.mark.fault("F17")
def test_a_watchdog_by_the_wall_clock_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leap() -> None:
        # The beat of the process keeps its own time; its watchdog goes by the wall from now on.
        monkeypatch.setattr(edge.beat, "monotonic", lambda: time.monotonic() + HOUR)

    assert ended_by_a_leap(tmp_path, leap)
