"""What every `edge.ports.Relays` does: in memory, over mosquitto, over the embedded broker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.command import Action, Outcome, Position, Refusal
from models.errors import RelayFault
from models.sensor import Input
from models.signal import Signal
from mqtt_bridge.relay_core import Cause
from tests.fakes.embedded_broker import Embedded, embedded_broker
from tests.fakes.mosquitto import PROGRAM, Mosquitto, mosquitto_broker
from tests.fakes.relay_site import RELAY, SPEC, MemorySite, Site, wired_site


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    if not Path(PROGRAM).exists():
        pytest.skip("mosquitto is not installed: apt install mosquitto")
    with mosquitto_broker(tmp_path_factory.mktemp("mosquitto"), (SPEC,)) as broker:
        yield broker


@pytest.fixture(scope="module")
def embedded() -> Iterator[Embedded]:
    with embedded_broker((SPEC,)) as broker:
        yield broker


@pytest.fixture(params=["memory", "mosquitto", "embedded"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    if request.param == "memory":
        yield MemorySite()
        return
    broker: Mosquitto | Embedded = request.getfixturevalue(request.param)
    with wired_site(broker, tmp_path) as wired:
        yield wired


def opened(site: Site) -> None:
    site.do(Action.OPEN)
    site.wait(lambda: site.readings()[-1].position is Position.OPEN, "the open gate")


def test_a_heartbeat_becomes_a_reading(site: Site) -> None:
    site.ready()
    reading = site.readings()[-1]
    assert (reading.relay, reading.lane, reading.position) == (RELAY, 1, Position.CLOSED)
    assert reading.active == {Input.LOOP: False, Input.BEAM: False, Input.FIRE: False}
    assert reading.at <= site.now()


def test_starting_moves_nothing(site: Site) -> None:
    site.ready()
    seen = len(site.readings())
    site.wait(lambda: len(site.readings()) > seen + 1, "two more heartbeats")
    assert site.ledger() == ()


def test_an_opening_is_done_once_and_told_once(site: Site) -> None:
    report = site.do(Action.OPEN)
    assert (report.outcome, report.why) == (Outcome.DONE, None)
    assert report.position is Position.OPENING
    site.wait(lambda: site.readings()[-1].position is Position.OPEN, "the open gate")
    assert [entry.cmd_id for entry in site.ledger()] == [report.cmd_id]
    assert len(site.reports(report.cmd_id)) == 1


def test_the_relay_counts(site: Site) -> None:
    site.do(Action.OPEN)
    site.wait(lambda: site.relays.last_seq(RELAY) == 1, "the first number")
    site.do(Action.OPEN)
    site.wait(lambda: site.relays.last_seq(RELAY) == 2, "the second number")
    assert [entry.seq for entry in site.ledger()] == [1, 2]


def test_a_number_that_was_taken_is_refused(site: Site) -> None:
    site.do(Action.OPEN, seq=7)
    again = site.do(Action.OPEN, seq=7)
    assert (again.outcome, again.why) == (Outcome.REFUSED, Refusal.SEQ)
    assert [entry.seq for entry in site.ledger()] == [7]


def test_a_command_past_its_deadline_is_a_fault_at_once(site: Site) -> None:
    site.ready()
    with pytest.raises(RelayFault):
        site.relays.send(site.command(left=-0.001))
    assert site.ledger() == ()


def test_a_relay_that_nobody_named_is_a_fault(site: Site) -> None:
    with pytest.raises(RelayFault, match="no relay"):
        site.relays.last_seq("nowhere")


def test_an_unplugged_relay_is_away_and_gets_nothing_later(site: Site) -> None:
    site.ready()
    site.gate.unplug()
    site.wait(lambda: site.relays.last_seq(RELAY) is None, "the relay to be away")
    with pytest.raises(RelayFault) as fault:
        site.relays.send(site.command())
    assert fault.value.part == RELAY
    site.gate.plug()
    site.ready()
    seen = len(site.readings())
    site.wait(lambda: len(site.readings()) > seen, "one more heartbeat")
    assert site.ledger() == ()


def test_a_restarted_relay_counts_from_the_start_and_obeys(site: Site) -> None:
    site.do(Action.OPEN)
    site.wait(lambda: site.relays.last_seq(RELAY) == 1, "the first number")
    site.gate.reboot()
    site.wait(lambda: site.relays.last_seq(RELAY) == 0, "the new epoch")
    assert site.do(Action.OPEN).outcome is Outcome.DONE
    epochs = [entry.epoch for entry in site.ledger()]
    assert len(set(epochs)) == 2


def test_nothing_closes_onto_someone(site: Site) -> None:
    opened(site)
    site.gate.stand()
    site.wait(lambda: site.readings()[-1].active[Input.BEAM], "the beam")
    report = site.do(Action.CLOSE)
    assert (report.outcome, report.why) == (Outcome.REFUSED, Refusal.PRESENCE)
    assert [entry.action for entry in site.ledger()] == [Action.OPEN]
    site.gate.leave()
    site.wait(lambda: not site.readings()[-1].active[Input.BEAM], "the clear beam")
    assert site.do(Action.CLOSE).outcome is Outcome.DONE


def test_someone_under_a_closing_arm_lifts_it(site: Site) -> None:
    opened(site)
    assert site.do(Action.CLOSE).outcome is Outcome.DONE
    site.gate.stand()
    site.wait(lambda: len(site.ledger()) == 3, "the reversal")
    assert (site.ledger()[-1].action, site.ledger()[-1].cause) == (Action.OPEN, Cause.REVERSAL)


def test_fire_opens_and_blocks_every_close(site: Site) -> None:
    site.ready()
    site.gate.fire(on=True)
    site.wait(lambda: site.readings()[-1].active[Input.FIRE], "the fire input")
    site.wait(site.ledger, "the gate to open by itself")
    assert (site.ledger()[0].action, site.ledger()[0].cause) == (Action.OPEN, Cause.FIRE)
    report = site.do(Action.CLOSE)
    assert (report.outcome, report.why) == (Outcome.REFUSED, Refusal.FIRE)


def test_a_person_who_walks_through_is_counted(site: Site) -> None:
    site.ready()
    assert not site.gate.walk()
    opened(site)
    assert site.gate.walk()
    site.wait(lambda: site.readings()[-1].passages == 1, "the passage")


def test_a_signal_is_shown_or_dropped_but_never_a_fault(site: Site) -> None:
    site.relays.signal(1, Signal.WAIT)
    site.ready()
    for signal in Signal:
        site.relays.signal(1, signal)
    assert site.do(Action.OPEN).outcome is Outcome.DONE
