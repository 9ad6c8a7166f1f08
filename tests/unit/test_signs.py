"""What a lane's display shows and its voice says, and how that travels."""

from dataclasses import replace

import pytest

from edge.sign import SignBoard, SignRules
from models.errors import StoreFault
from models.lane import Direction
from models.observation import Observation, PassShown, PlateSeen
from models.plate import Band, Ground, PlateKind, PlateReading
from models.sighting import Sighting
from models.sign import SignText
from models.signal import Signal
from models.stay import Counts, Room, StayZone
from mqtt_bridge import sign
from mqtt_bridge.codec import Flaw, Malformed
from mqtt_bridge.seal import RelayKey, Way, seal

KEY = RelayKey(bytes(range(32)))
EPOCH = "0" * 16
ZONE = StayZone("yard", frozenset({1}), spaces=10)
TEXT = SignText(("*345", "欢迎", "余位 3"), "欢迎")


def car(way: Direction = Direction.ENTRY, band: Band = Band.ACCEPT) -> PlateSeen:
    reading = PlateReading("京A12345", PlateKind.ORDINARY, Ground.BLUE, 0.9, band)
    return PlateSeen(Sighting(1, way, 0.0), reading, 1, nearing=True)


def rules(plate: str = "tail", inside: int = 7) -> SignRules:
    return SignRules(plate, (ZONE,), lambda: (Room("yard", Counts.CARS, inside, 10),))


@pytest.mark.parametrize(
    ("plate", "signal", "way", "lines"),
    [
        ("tail", Signal.GRANTED, Direction.ENTRY, ("*345", "欢迎", "余位 3")),
        ("whole", Signal.GRANTED, Direction.ENTRY, ("京A12345", "欢迎", "余位 3")),
        ("none", Signal.GRANTED, Direction.ENTRY, ("欢迎", "余位 3")),
        ("tail", Signal.GRANTED, Direction.EXIT, ("*345", "一路平安")),
        ("tail", Signal.WAIT, Direction.ENTRY, ("*345", "请稍候", "余位 3")),
    ],
)
def test_what_is_shown(plate: str, signal: Signal, way: Direction, lines: tuple[str, ...]) -> None:
    text = rules(plate).text(signal, car(way))
    assert text.lines == lines
    assert text.voice in lines


def test_nobody_else_and_no_doubtful_plate_is_shown() -> None:
    for seen in (PassShown(Sighting(1, Direction.ENTRY, 0.0), "KH1:"), car(band=Band.ASK)):
        assert rules("whole").text(Signal.GRANTED, seen).lines == ("欢迎", "余位 3")


def test_a_full_yard_has_no_space_left_and_never_less() -> None:
    assert rules(inside=12).idle(1) == SignText(("余位 0",), seconds=60)
    assert rules().idle(2) is None


def test_books_that_cannot_be_read_leave_the_spaces_out() -> None:
    def broken() -> tuple[Room, ...]:
        message = "no disk"
        raise StoreFault(message)

    assert SignRules("none", (ZONE,), broken).text(Signal.GRANTED, car()).lines == ("欢迎",)


class Panel:
    """Keeps what it is told to show."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, SignText]] = []

    def sign(self, relay: str, text: SignText) -> None:
        self.shown.append((relay, text))


def test_free_spaces_are_shown_when_they_change_and_not_over_anybodys_answer() -> None:
    panel, now = Panel(), [100.0]
    board = SignBoard(rules(), {1: "gate-1"}, panel, lambda work: work(), lambda: now[0])
    board.idle()
    board.idle()
    assert [text.lines for _, text in panel.shown] == [("余位 3",)]
    board(1, Signal.GRANTED, car())
    board.idle()
    assert len(panel.shown) == 2
    now[0] += 7
    board.idle()
    now[0] += 31
    board.idle()
    assert [text.lines[0] for _, text in panel.shown] == ["余位 3", "*345", "余位 3", "余位 3"]


def test_a_sign_is_shown_by_the_board_that_it_is_for() -> None:
    message = sign.encode(KEY, "gate-1", (EPOCH, 1000), TEXT)
    assert len(message.payload) <= sign.MAX_SIGN
    assert not message.retained
    assert sign.shown(KEY, "gate-1", message, (EPOCH, 1200)) == TEXT


def test_a_late_retained_or_foreign_sign_shows_nothing() -> None:
    message = sign.encode(KEY, "gate-1", (EPOCH, 1000), TEXT)
    for now in ((EPOCH, 3001), ("f" * 16, 1200)):
        assert sign.shown(KEY, "gate-1", message, now) is None
    assert sign.shown(KEY, "gate-1", replace(message, retained=True), (EPOCH, 1200)) is None
    for name, key in (("gate-2", KEY), ("gate-1", RelayKey(bytes(32)))):
        assert sign.shown(key, name, message, (EPOCH, 1200)) == Malformed(Flaw.SEAL)


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        (b"[" * 900, Flaw.SHAPE),
        (b"{}", Flaw.SHAPE),
        (b"x" * 2000, Flaw.TOO_LONG),
        (
            (
                b'{"epoch":"0000000000000000","not_after_tick":9,"lines":["a\\n"],'
                b'"voice":"","seconds":5}'
            ),
            Flaw.SHAPE,
        ),
    ],
)
def test_what_is_no_sign_is_none(body: bytes, flaw: Flaw) -> None:
    message = sign.encode(KEY, "gate-1", (EPOCH, 0), TEXT)
    payload = seal(KEY, Way.DOWN, message.topic, body)
    found = sign.shown(KEY, "gate-1", replace(message, payload=payload), (EPOCH, 0))
    assert found == Malformed(flaw)


def test_a_sign_is_short() -> None:
    longest = SignText(("欢" * 16,) * 4, "迎" * 24)
    assert len(sign.encode(KEY, "g" * 32, (EPOCH, 2**40), longest).payload) <= sign.MAX_SIGN
    for lines in (("a" * 17,), ("a",) * 5, ("a\x1b[0m",)):
        with pytest.raises(ValueError, match="a sign has"):
            SignText(lines)
    with pytest.raises(ValueError, match="1 to 60 seconds"):
        SignText(("a",), seconds=0)


def test_every_answer_has_words() -> None:
    seen: Observation = car()
    assert {rules().text(signal, seen).voice for signal in Signal} == {
        "欢迎",
        "请稍候",
        "请换一种方式",
    }
