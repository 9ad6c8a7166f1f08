from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from edge import wire
from edge.web.rows import RowView, StandingView, fault_view, row_view, since, tile_view
from edge.web.words import Language, read_words
from gate.barrier import State
from models.command import Outcome
from models.decision import Reason
from models.event import Event, EventKind
from models.lane import Credential, Direction
from models.observation import GuardReason

ZH = read_words()[Language.ZH]
EN = read_words()[Language.EN]
SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENED = Event(
    journal="1f0c5a8e9b7d",
    seq=7,
    kind=EventKind.DECISION,
    at=datetime(2026, 11, 21, 17, 30, 5, tzinfo=UTC),
    lane=1,
    direction=Direction.ENTRY,
    credential=Credential.FACE,
    answer="opened",
    reason="resident",
    who="林晓",
    home="3-1-502",
)


def _row(event: Event, *, answered: bool = False) -> RowView:
    return row_view(event, ZH, {1: "1 东门"}, SHANGHAI, answered=answered)


def test_times_are_the_sites() -> None:
    assert _row(OPENED).at.strftime("%m-%d %H:%M:%S") == "11-22 01:30:05"


@pytest.mark.parametrize(
    ("outcome", "tone", "words"),
    [
        (None, "wait", "放行中"),
        (Outcome.DONE, "ok", "已放行"),
        (Outcome.TIMED_OUT, "no", "道闸未回应"),
        (Outcome.REFUSED, "no", "道闸未执行"),
        (Outcome.AWAY, "no", "设备离线"),
        (Outcome.UNKNOWN, "no", "结果不明"),
    ],
)
def test_an_opening_is_what_the_relay_says(outcome: str | None, tone: str, words: str) -> None:
    row = _row(replace(OPENED, outcome=outcome))
    assert (row.tone, row.answer) == (tone, words)
    assert row.opens is row.chimes is (tone == "no")


@pytest.mark.parametrize("reason", sorted(set(Reason) - {"resident", "visitor", "guard"}))
def test_every_refusal_chimes_and_can_be_opened(reason: Reason) -> None:
    row = _row(replace(OPENED, answer="refused", reason=reason, who=None, home=None))
    assert (row.tone, row.answer) == ("no", "未放行")
    assert row.chimes
    assert row.opens
    assert row.reason not in {"", reason}


def test_a_row_is_told_apart_from_itself_when_its_outcome_comes() -> None:
    before, after = _row(OPENED), _row(replace(OPENED, outcome=Outcome.DONE, ms=184))
    assert before.key == after.key
    assert before.version != after.version
    assert after.ms == 184


def test_an_odd_exit_is_let_out_and_shown_to_the_guard_without_a_chime() -> None:
    event = replace(OPENED, direction=Direction.EXIT, reason=Reason.UNPAIRED, outcome=Outcome.DONE)
    row = _row(event)
    assert (row.tone, row.answer, row.chimes) == ("ask", "已放行", False)


def test_a_call_names_its_lane_and_chimes() -> None:
    call = replace(OPENED, kind=EventKind.CALL, answer="", reason="call", credential=None, who=None)
    row = _row(call)
    assert (row.place, row.answer, row.chimes, row.opens) == ("1 东门", "呼叫保安", True, True)


@pytest.mark.parametrize("why", GuardReason)
def test_an_opening_by_hand_says_why_in_plain_words(why: GuardReason) -> None:
    event = replace(
        OPENED, credential=Credential.GUARD, reason="guard", why=why, outcome=Outcome.DONE
    )
    row = _row(event)
    assert row.reason not in {"", why, _row(replace(event, why=None)).reason}
    assert row.said == f"1 东门 已放行 {row.reason} 林晓"


def test_a_delivery_is_said_to_be_one() -> None:
    event = replace(OPENED, reason="guard", why=GuardReason.DELIVERY)
    english = row_view(event, EN, {1: "1 East"}, SHANGHAI, answered=False)
    assert (_row(event).reason, english.reason) == ("快递外卖", "Delivery")


def test_only_a_guard_or_a_second_factor_deals_with_another_row() -> None:
    assert _row(replace(OPENED, answers=3)).answers is None
    for credential in (Credential.GUARD, Credential.CARD, Credential.PASS):
        assert _row(replace(OPENED, answers=3, credential=credential)).answers == 3


def _lane(barrier: str, *, measured: bool = True, relay_ok: bool = True) -> wire.LaneState:
    return wire.LaneState(
        number=1,
        name="东门",
        kind="pedestrian",
        directions=("entry",),
        drive="pulse",
        barrier=barrier,
        measured=measured,
        occupied=False,
        relay_ok=relay_ok,
        liveness="off",
        demo=True,
        cameras=("cam-1",),
        kiosk=False,
    )


@pytest.mark.parametrize("state", State)
def test_every_barrier_state_has_words_and_a_symbol(state: State) -> None:
    for words in (ZH, EN):
        tile = tile_view(_lane(state), {}, words, SHANGHAI)
        assert tile.barrier not in {"", state}
        assert tile.symbol


@pytest.mark.parametrize("state", [State.OPENING, State.OPEN, State.CLOSING])
def test_a_gate_that_nothing_measures_is_never_said_to_be_open(state: State) -> None:
    tile = tile_view(_lane(state, measured=False), {}, ZH, SHANGHAI)
    assert tile.barrier == "已发开闸指令"


@pytest.mark.parametrize(
    ("state", "resets"),
    [
        (State.CLOSED, False),
        (State.OPEN, False),
        (State.HELD_FIRE, True),
        (State.HELD_GUARD, False),
        (State.UNKNOWN, True),
        (State.FAULT, True),
        (State.OBSTRUCTED, True),
    ],
)
def test_what_needs_a_look_can_be_taken_back_into_service(
    state: State,
    resets: bool,
) -> None:
    assert tile_view(_lane(state), {}, ZH, SHANGHAI).resets is resets


def test_a_tile_names_what_is_away() -> None:
    assert tile_view(_lane("closed", relay_ok=False), {}, ZH, SHANGHAI).warning == "设备离线"
    assert tile_view(_lane("closed"), {"cam-1": "frozen"}, ZH, SHANGHAI).warning == "画面静止"
    assert tile_view(_lane("closed"), {"cam-1": "away"}, ZH, SHANGHAI).warning == "摄像机离线"
    assert tile_view(_lane("closed"), {"cam-2": "away"}, ZH, SHANGHAI).warning == ""


def test_a_fault_has_a_headline_what_core_says_and_since_when() -> None:
    at = "2026-11-21T17:00:00+00:00"
    line = wire.FaultLine("camera cam-1", "no answer", "see cable", at, "camera_away")
    fault = fault_view(line, ZH, SHANGHAI)
    assert (fault.part, fault.headline) == ("摄像机 cam-1", "摄像机离线")
    assert (fault.text, fault.to_do, fault.since) == ("no answer", "see cable", "11-22 01:00:00")


def test_a_fault_of_an_unknown_part_is_shown_as_it_is() -> None:
    fault = fault_view(wire.FaultLine("loudspeaker", "mute", "", "soon"), ZH, SHANGHAI)
    assert (fault.part, fault.headline, fault.text) == ("loudspeaker", "", "mute")
    assert since("soon", SHANGHAI) == "soon"


@pytest.mark.parametrize(
    ("what", "title", "tone", "symbol"),
    [("lock_down", "限制通行", "no", "lock"), ("hold_open", "保持常开", "ask", "hand")],
)
def test_a_tile_says_what_stands_by_whose_order_and_why(
    what: str, title: str, tone: str, symbol: str
) -> None:
    line = wire.StandingLine(what, "小王", "有人翻越", "2026-11-21T17:00:00+00:00")
    tile = tile_view(structs.replace(_lane("closed"), standing=line), {}, ZH, SHANGHAI)
    assert tile.standing == StandingView(title, tone, symbol, "小王", "有人翻越", "11-22 01:00:00")
    assert tile_view(_lane("closed"), {}, ZH, SHANGHAI).standing is None
