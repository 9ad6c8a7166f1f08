"""What answers a question for the feed, or for letters, is believed in no way before it is read."""

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sync.feed import Item, Page, page_of
from edge.sync.mailbox import CONFLICT, LETTERS, Letter, receipt
from edge.sync.words import KINDS, kind_of, letter_body, told_of
from models.errors import CentreFault
from models.feed import Member, Revoked
from models.home import Home
from models.lane import Credential
from models.letter import ResidentNow
from models.registry import ResidentKind

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
FIELDS = sorted({name for kind in KINDS.values() for name in kind.__dataclass_fields__})


def page(**other: object) -> bytes:
    said = {"number": 5, "newest": 5, "epoch": "e1", "items": [item(5)], "behind": False}
    return msgspec.json.encode(said | other)


def item(number: int, **other: object) -> dict[str, Any]:
    return {"number": number, "kind": "revoked", "body": {"pass_id": "5" * 32}} | other


def test_a_page_is_read() -> None:
    assert page_of(page(), "e1", 3) == Page(
        "e1", 5, 5, behind=False, items=(Item(5, "revoked", b'{"pass_id":"%s"}' % (b"5" * 32)),)
    )


UNBELIEVABLE: dict[str, dict[str, object]] = {
    "leads back": {"number": 2, "items": []},
    "newer than the newest": {"number": 6, "newest": 5},
    "an item from before": {"items": [item(3)]},
    "an item from beyond": {"items": [item(6)]},
    "a number past all": {"number": 2**60, "newest": 2**60},
    "a name that is none": {"epoch": "e 1\n"},
    "no items": {"items": None},
    "a number for text": {"number": "5"},
}


@pytest.mark.parametrize("name", UNBELIEVABLE)
def test_a_page_that_makes_no_sense_is_no_answer(name: str) -> None:
    with pytest.raises(CentreFault, match="no centre"):
        page_of(page(**UNBELIEVABLE[name]), "e1", 3)


def test_of_another_feed_only_the_name_is_believed() -> None:
    found = page_of(page(epoch="e2"), "e1", 3)
    assert found == Page("e2", 0, 0, behind=False, items=())
    assert page_of(page(), None, 0).items, "unless it is the first"


def test_items_without_a_number_are_counted_and_doubled_ones_dropped() -> None:
    items: list[object] = [item(4), {"kind": "x"}, 7, item(4, kind="erase"), item(5)]
    found = page_of(page(items=items), "e1", 3)
    assert [(one.number, one.kind) for one in found.items] == [(4, "revoked"), (5, "revoked")]
    assert found.unread == 2
    odd = page_of(page(items=[item(4, kind="<b>\n")]), "e1", 3)
    assert odd.items[0].kind == "unreadable"


@given(st.binary(max_size=200) | JSON.map(msgspec.json.encode))
def test_whatever_comes_is_a_page_or_no_centre(body: bytes) -> None:
    for epoch, after in (("e1", 3), (None, 0)):
        with suppress(CentreFault):
            assert page_of(body, epoch, after).number >= 0
    found = receipt(body, [Letter(1, "x", b"{}")])
    assert found is None or found.safe <= {(LETTERS, 1)}


@given(
    st.sampled_from([*KINDS, "other", ""]),
    st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON,
)
def test_whatever_an_item_says_is_a_word_or_none(kind: str, body: object) -> None:
    with suppress(ValueError):
        assert type(told_of(kind, msgspec.json.encode(body))) is KINDS[kind]


def test_words_go_by_their_names_and_homes_as_text() -> None:
    assert kind_of(Revoked) == "revoked"
    assert set(KINDS) >= {"face_withdrawn", "sealed_photo", "rotation_key", "export_wanted"}
    said = {
        "resident_id": "a" * 16,
        "name": "Wang",
        "home": "3-1-502",
        "kind": "family",
        "by": "b" * 16,
        "until": "2027-01-31",
    }
    told = told_of("member", msgspec.json.encode(said))
    assert isinstance(told, Member)
    assert told.home == Home(3, 1, 502)
    ways = frozenset({Credential.PLATE, Credential.CARD, Credential.FACE})
    now = ResidentNow("a", "Wang", Home(3, 1, 502), ResidentKind.OWNER, None, ways, face=True)
    body = msgspec.json.decode(letter_body(now))
    assert (body["home"], body["allowed"]) == ("3-1-502", ["card", "face", "plate"])


def test_a_receipt_proves_what_was_sent_and_is_not_put_aside() -> None:
    sent = [Letter(number, "x", b"{}") for number in (1, 2, 3)]
    conflict = "this number is known with another hash"
    said = {
        "safe": [1, 2, 9],
        "aside": [{"index": 1, "number": 2, "why": conflict}, {"number": 3, "why": "x\n\x1by"}],
    }
    found = receipt(msgspec.json.encode(said), sent)
    assert found is not None
    assert found.safe == {(LETTERS, 1)}
    assert found.aside == {(LETTERS, 2): CONFLICT, (LETTERS, 3): "x  y"}
