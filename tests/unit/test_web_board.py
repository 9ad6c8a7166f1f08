import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from starlette.types import Message

from edge import wire
from edge.web.board import (
    KEPT_ROWS,
    MOST_LISTENERS,
    MOST_OF_A_DEVICE,
    MOST_OF_A_LANE,
    SHOWN_FOR,
    SILENT_AFTER,
    Again,
    Board,
    CoreIs,
    erases,
)
from edge.web.stream import EventStream, event
from models.event import Event, EventKind
from models.lane import Credential

ROW = Event(
    journal="1f0c5a8e",
    seq=1,
    kind=EventKind.DECISION,
    at=datetime(2026, 11, 21, tzinfo=UTC),
    lane=1,
    direction=None,
    credential=Credential.FACE,
    answer="refused",
    reason="unknown_face",
)
SITE = wire.Site("x", "UTC", (), (), (), 0, 0, "none", claimed=True, unrecorded=0, time_trust="")


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _row(seq: int, **changes: object) -> wire.Row:
    return wire.Row(replace(ROW, seq=seq, **changes))  # type: ignore[arg-type] # fields of Event


def test_a_row_is_kept_once_and_replaced_by_its_outcome() -> None:
    board = Board(Seconds())
    for row in (_row(1), _row(2), _row(1, outcome="done")):
        board.take(row)
    assert [(each.seq, each.outcome) for each in board.rows] == [(1, "done"), (2, None)]


def test_only_the_newest_rows_are_kept() -> None:
    board = Board(Seconds())
    for seq in range(1, KEPT_ROWS + 51):
        board.take(_row(seq))
    assert [each.seq for each in board.rows] == list(range(51, KEPT_ROWS + 51))


@pytest.mark.parametrize("kind", [EventKind.REPORT, EventKind.PASSAGE, EventKind.MOVE])
def test_what_the_relay_says_is_no_row_of_its_own(kind: EventKind) -> None:
    board = Board(Seconds())
    board.take(_row(1, kind=kind, answers=9))
    assert board.rows == ()
    assert not board.answered(replace(ROW, seq=9))


def test_a_row_that_a_guard_answered_is_known() -> None:
    board = Board(Seconds())
    board.take(_row(1))
    board.take(_row(2, credential=Credential.GUARD, answers=1))
    assert board.answered(ROW)


def test_core_is_away_when_it_left_or_fell_silent() -> None:
    seconds = Seconds()
    board = Board(seconds)
    assert not board.up
    board.core(True)
    assert board.up
    seconds.now += SILENT_AFTER
    assert not board.up
    board.take(SITE)
    assert board.up
    board.core(False)
    assert not board.up


def test_an_answer_stands_for_a_while() -> None:
    seconds = Seconds()
    board = Board(seconds)
    board.take(wire.Shown(2, "granted", "resident"))
    assert board.shown(2) is not None
    assert board.shown(1) is None
    seconds.now += SHOWN_FOR
    assert board.shown(2) is None


def test_a_browser_that_falls_behind_is_let_go_and_the_others_are_not() -> None:
    async def story() -> tuple[bool, bool, int]:
        board = Board(Seconds())
        slow, quick = board.listen(), board.listen()
        assert slow is not None
        assert quick is not None
        heard = 0
        for seq in range(1, 200):
            board.take(_row(seq))
            heard += await quick.next(1.0) is not None
        return slow.dropped, quick.dropped, heard

    assert asyncio.run(story()) == (True, False, 199)


def test_there_is_an_end_to_how_many_listen() -> None:
    async def story() -> list[bool]:
        board = Board(Seconds())
        listeners = [board.listen() for _ in range(MOST_LISTENERS + 1)]
        first = listeners[0]
        assert first is not None
        board.leave(first)
        return [each is not None for each in [listeners[-1], board.listen()]]

    assert asyncio.run(story()) == [False, True]


def test_lane_screens_take_no_guards_stream_and_no_other_lanes() -> None:
    async def story() -> tuple[int, bool, bool]:
        board = Board(Seconds())
        at_one = [board.listen_at(1, f"device {number}") for number in range(MOST_OF_A_LANE + 9)]
        desks = [board.listen() for _ in range(MOST_LISTENERS)]
        taken = sum(each is not None for each in at_one)
        return taken, None not in desks, board.listen_at(2, "device") is not None

    assert asyncio.run(story()) == (MOST_OF_A_LANE, True, True)


def test_one_device_cannot_take_all_streams_of_its_lane() -> None:
    async def story() -> tuple[list[bool], object, bool]:
        board = Board(Seconds())
        other = board.listen_at(1, "other")
        mine = [board.listen_at(1, "mine") for _ in range(MOST_OF_A_LANE + 9)]
        assert other is not None
        assert mine[0] is not None
        kept = [each is not None and not each.dropped for each in mine]
        woken = await mine[0].next(1.0)
        return kept[-MOST_OF_A_DEVICE - 1 :], woken, other.dropped

    kept, woken, other_dropped = asyncio.run(story())
    assert kept == [False] + [True] * MOST_OF_A_DEVICE
    assert woken is not None
    assert not other_dropped


def test_a_closed_board_ends_every_stream() -> None:
    async def story() -> tuple[object, bool]:
        board = Board(Seconds())
        listener = board.listen()
        assert listener is not None
        board.close()
        return await listener.next(1.0), board.listen() is None

    news, refused = asyncio.run(story())
    assert news == CoreIs(up=False)
    assert refused


def test_an_event_of_several_lines_stays_one_event() -> None:
    assert event("row", "<tr>\n</tr>") == b"event: row\ndata: <tr>\ndata: </tr>\n\n"
    assert event("ping", "") == b"event: ping\ndata: \n\n"


def test_a_browser_that_stops_reading_is_let_go() -> None:
    async def story() -> tuple[bool, list[str]]:
        ended = False

        async def pieces():  # type: ignore[no-untyped-def] # noqa: ANN202 - a generator of bytes
            nonlocal ended
            try:
                while True:
                    yield b"x"
            finally:
                ended = True

        sent: list[str] = []

        async def send(message: Message) -> None:
            sent.append(message["type"])
            if len(sent) > 3:
                await asyncio.Event().wait()

        async def receive() -> Message:
            await asyncio.Event().wait()
            raise AssertionError

        stream = EventStream(pieces(), stalled_after=0.02)
        await asyncio.wait_for(stream({"type": "http"}, receive, send), 30)
        return ended, sent

    ended, sent = asyncio.run(story())
    assert ended
    assert sent[0] == "http.response.start"


def test_a_browser_that_leaves_ends_its_stream() -> None:
    async def story() -> bool:
        ended = False

        async def pieces():  # type: ignore[no-untyped-def] # noqa: ANN202 - a generator of bytes
            nonlocal ended
            try:
                yield b"x"
                await asyncio.Event().wait()
            finally:
                ended = True

        async def send(_: Message) -> None:
            await asyncio.sleep(0)

        async def receive() -> Message:
            await asyncio.sleep(0.01)
            return {"type": "http.disconnect"}

        await asyncio.wait_for(EventStream(pieces())({"type": "http"}, receive, send), 30)
        return ended

    assert asyncio.run(story())


def test_what_core_has_erased_is_kept_no_longer_and_told() -> None:
    async def story() -> tuple[list[Event], object]:
        board = Board(Seconds())
        for row in (_row(1, who="林晓"), _row(2, who="林晓"), _row(9)):
            board.take(row)
        listener = board.listen()
        assert listener is not None
        board.take(wire.RowsAre(1, (replace(ROW, seq=2),)))
        return list(board.rows), await listener.next(1.0)

    rows, news = asyncio.run(story())
    assert [(row.seq, row.who) for row in rows] == [(2, None), (9, None)]
    assert news == Again()


def test_an_outcome_is_not_lost_to_rows_that_were_asked_for_before_it() -> None:
    board = Board(Seconds())
    board.take(_row(1, who="林晓", outcome="done", ms=184))
    board.take(wire.RowsAre(1, (ROW,)))
    assert [(row.who, row.outcome, row.ms) for row in board.rows] == [(None, "done", 184)]


def test_rows_of_another_journal_go() -> None:
    board = Board(Seconds())
    board.take(_row(7, journal="before"))
    board.take(wire.RowsAre(1, (ROW,)))
    assert [row.journal for row in board.rows] == [ROW.journal]


def test_nothing_is_told_again_where_nothing_was_erased() -> None:
    async def story() -> list[object]:
        board = Board(Seconds())
        board.take(_row(1))
        listener = board.listen()
        assert listener is not None
        board.take(wire.RowsAre(1, (ROW, replace(ROW, seq=2))))
        return [await listener.next(1.0), await listener.next(0.01)]

    assert asyncio.run(story()) == [replace(ROW, seq=2), None]


@pytest.mark.parametrize(
    ("row", "erasing"),
    [
        (_row(1, kind=EventKind.ADMIN, reason="resident_removed"), True),
        (_row(1, kind=EventKind.ADMIN, reason="face_withdrawn"), True),
        (_row(1, kind=EventKind.ADMIN, reason="resident_added"), False),
        (_row(1, reason="resident_removed"), False),
        (SITE, False),
    ],
)
def test_who_was_taken_off_the_register_is_erased_from_other_rows(
    row: wire.AnyMessage, erasing: bool
) -> None:
    assert erases(row) is erasing


def test_rows_that_were_asked_for_fill_the_board() -> None:
    board = Board(Seconds())
    board.take(wire.RowsAre(1, (ROW, replace(ROW, seq=2))))
    assert [each.seq for each in board.rows] == [1, 2]
