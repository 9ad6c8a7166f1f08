"""What goes up and what its receipt proves."""

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.batch import read_batch
from central.words import Arrival
from edge.sync.wire import complaint, receipt, request
from tests.fakes.centre_events import EDGE, JOURNAL, chain

ROWS = chain(3)
NAMES = st.sampled_from(["safe", "quarantined", "index", "why"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner),
    max_leaves=8,
)


def test_the_centre_reads_what_the_edge_writes() -> None:
    batch = read_batch(request(EDGE, ROWS))
    assert batch.edge == EDGE
    for row, got in zip(ROWS, batch.rows, strict=True):
        assert isinstance(got, Arrival)
        assert (got.journal, got.seq, got.row_hash, got.kind, got.lane) == (
            row.journal,
            row.seq,
            row.row_hash,
            row.kind,
            row.lane,
        )
        assert got.body.encode() == row.body
        assert got.before == json.loads(row.body)["before"]


def test_the_time_of_an_event_is_sent_to_the_microsecond() -> None:
    (event,) = json.loads(request(EDGE, ROWS[:1]))["events"]
    assert datetime.fromisoformat(event["at"]) == ROWS[0].at


def test_only_what_was_sent_can_be_safe() -> None:
    said = {"safe": [[JOURNAL, 2], [JOURNAL, 99], ["b" * 32, 1]], "quarantined": []}
    proved = receipt(json.dumps(said).encode(), ROWS)
    assert proved is not None
    assert proved.safe == {(JOURNAL, 2)}


def test_what_is_put_aside_is_not_safe_even_if_it_is_listed() -> None:
    said = {
        "safe": [[JOURNAL, 1], [JOURNAL, 2]],
        "quarantined": [{"index": 1, "why": "fork", "more": 1}],
    }
    proved = receipt(json.dumps(said).encode(), ROWS)
    assert proved is not None
    assert proved.safe == {(JOURNAL, 1)}
    assert proved.aside == {(JOURNAL, 2): "fork"}


@pytest.mark.parametrize(
    ("why", "kept"),
    [
        ("no such compound", "no such compound"),
        ("fork\nERROR door 1 opened", "fork ERROR door 1 opened"),
        ("\x1b[2J\x1b]0;x\x07gone\r", "[2J ]0;x gone"),
        ("\u202egone\u2028", "gone"),
        ("x" * 999, "x" * 200),
    ],
)
def test_why_a_row_is_put_aside_is_one_short_line(why: str, kept: str) -> None:
    said = {"safe": [], "quarantined": [{"index": 0, "why": why}]}
    proved = receipt(json.dumps(said).encode(), ROWS)
    assert proved is not None
    assert proved.aside == {(JOURNAL, 1): kept}


@pytest.mark.parametrize("index", [-1, 3, 10**9])
def test_a_row_that_was_not_sent_cannot_be_put_aside(index: int) -> None:
    said = {"safe": [], "quarantined": [{"index": index, "why": "x"}]}
    proved = receipt(json.dumps(said).encode(), ROWS)
    assert proved is not None
    assert proved.aside == {}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>hello</html>",
        b"{}",
        b"[]",
        b'{"safe": []}',
        b'{"safe": null, "quarantined": []}',
        b'{"safe": [["a"]], "quarantined": []}',
        b'{"safe": [["a", "1"]], "quarantined": []}',
        b"\xff",
        b"[" * 9999,
    ],
)
def test_what_is_no_receipt_proves_nothing(answer: bytes) -> None:
    assert receipt(answer, ROWS) is None


@given(st.binary(max_size=50) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_answers_nothing_unsent_is_let_go(answer: bytes) -> None:
    proved = receipt(answer, ROWS)
    if proved is not None:
        assert proved.safe | proved.aside.keys() <= {(row.journal, row.seq) for row in ROWS}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b'{"error": "send fewer"}', "send fewer"),
        (b"", ""),
        (b"<html>\r\n\x1b[31mno", "<html>   [31mno"),
        (b"\xff" * 999, "\ufffd" * 200),
        (b'{"error": "' + b"x" * 999 + b'"}', "x" * 200),
        (b"[" * 99_999, "[" * 200),
    ],
)
def test_a_refusal_is_one_short_line(answer: bytes, said: str) -> None:
    assert complaint(answer) == said
