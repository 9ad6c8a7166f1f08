"""What a lane's display shows, over a real broker: from the lane's answer to the board's glass."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from edge.sign import SignBoard, SignRules
from models.lane import Direction
from models.observation import PlateSeen, Sighting
from models.plate import Band, Ground, PlateKind, PlateReading
from models.sign import SignText
from models.signal import Signal
from models.stay import Counts, Room, StayZone
from mqtt_bridge import access, sign
from tests.fakes.embedded_broker import embedded_broker
from tests.fakes.mosquitto import mosquitto_broker, needs_mosquitto
from tests.fakes.relay_site import RELAY, SPEC, Broker, WiredSite, wired_site
from tests.fakes.relay_wire import wait, wire

YARD = StayZone("yard", frozenset({1}), spaces=10)


@pytest.fixture(
    scope="module", params=["embedded", pytest.param("mosquitto", marks=needs_mosquitto)]
)
def broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    """The product's own broker, and mosquitto as we configure it."""
    with ExitStack() as stack:
        if request.param == "embedded":
            yield stack.enter_context(embedded_broker((SPEC,)))
        else:
            folder = tmp_path_factory.mktemp("mosquitto")
            yield stack.enter_context(mosquitto_broker(folder, (SPEC,)))


@pytest.fixture
def site(broker: Broker, tmp_path: Path) -> Iterator[WiredSite]:
    with wired_site(broker, tmp_path) as site:
        site.ready()
        yield site


def car(way: Direction) -> PlateSeen:
    reading = PlateReading("京A12345", PlateKind.ORDINARY, Ground.BLUE, 0.99, Band.ACCEPT)
    return PlateSeen(Sighting(1, way, 0.0), reading, 1, nearing=True)


def board(site: WiredSite) -> SignBoard:
    rules = SignRules("tail", (YARD,), lambda: (Room("yard", Counts.CARS, 7, 10),))
    return SignBoard(rules, {1: RELAY}, site.bridge, lambda show: show(), time.monotonic)


def test_a_driver_reads_their_plate_a_word_and_the_spaces_left(
    broker: Broker, site: WiredSite
) -> None:
    show, glass = board(site), site.simulator
    with wire(broker.address(access.relay_login(RELAY)), sign.topic(RELAY)) as tap:
        show(1, Signal.GRANTED, car(Direction.ENTRY))
        wait(lambda: glass.state.sign == ("*345", "欢迎", "余位 3"), "a welcome")
        show(1, Signal.WAIT, car(Direction.ENTRY))
        wait(lambda: glass.state.sign == ("*345", "请稍候", "余位 3"), "one moment")
        show(1, Signal.GRANTED, car(Direction.EXIT))
        wait(lambda: glass.state.sign == ("*345", "一路平安"), "a farewell")
        wait(lambda: len(tap.on(sign.topic(RELAY))) == 3, "what was sent")
        assert not any(one.retained for one in tap.on(sign.topic(RELAY)))


def test_an_old_plate_that_is_played_again_is_shown_to_nobody(
    broker: Broker, site: WiredSite
) -> None:
    show, glass, topic = board(site), site.simulator, sign.topic(RELAY)
    with (
        wire(broker.address(access.relay_login(RELAY)), topic) as tap,
        wire(broker.address()) as thief,
    ):
        show(1, Signal.GRANTED, car(Direction.ENTRY))
        wait(lambda: tap.on(topic), "a welcome on the wire")
        wait(lambda: glass.state.sign, "a welcome on the glass")
        before = glass.state.epoch
        glass.reboot()
        wait(lambda: site.readings()[-1].epoch not in ("", before), "the new epoch")
        rest = SignText(("余位 3",), seconds=60)
        site.bridge.sign(RELAY, rest)
        wait(lambda: glass.state.sign == rest.lines, "the spaces left")
        thief.say(topic, tap.on(topic)[0].payload)
        wait(lambda: len(tap.on(topic)) == 3, "the old welcome on the wire")
        site.bridge.sign(RELAY, SignText(("余位 2",), seconds=60))
        seen: set[tuple[str, ...]] = set()

        def changed() -> bool:
            seen.add(glass.state.sign)
            return ("余位 2",) in seen

        wait(changed, "the spaces left now")
        assert seen <= {rest.lines, ("余位 2",)}
