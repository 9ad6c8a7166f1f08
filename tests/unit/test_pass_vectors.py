"""docs/pass.md is the specification; these tests hold the codec to its vectors."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gate.passes import MAX_TOKEN, PREFIX, PrivateKey, mint, mint_rotating, read, with_tag
from gate.rotation import TAG_BYTES, Rotation, inner_key, step_of, tag_of
from models.moment import Moment, Trust
from models.visit import Claims, CodeFault, PassKind, Weekly

PAGE = (Path(__file__).parents[2] / "docs" / "pass.md").read_text("utf-8")
KEY = PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {1: KEY.public_key()}
NOW = Moment(datetime.fromisoformat("2026-11-21T09:00:07+00:00"), 5000.0)
SECRET = bytes(range(0x64, 0x84))
ROTATION = Rotation(SECRET, NOW)


def blocks() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    genuine, faulty = (
        json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)
    )
    return genuine, faulty


GENUINE, FAULTY = blocks()


def claims_of(row: dict[str, Any]) -> Claims:
    said = row["claims"]
    week = said.get("weekly")
    return Claims(
        pass_id=said["pass_id"],
        host=said["host"],
        compound=said["compound"],
        lanes=frozenset(said["lanes"]),
        not_before=datetime.fromisoformat(said["not_before"]),
        expires=datetime.fromisoformat(said["expires"]),
        uses=said["uses"],
        kind=PassKind(said["kind"]),
        kid=said["kid"],
        rotating=said.get("rotating", False),
        weekly=None
        if week is None
        else Weekly(frozenset(week["days"]), week["start"], week["end"]),
    )


def test_the_page_prints_the_public_key_of_its_private_key() -> None:
    assert KEY.public_key().public_bytes_raw().hex() in PAGE


@pytest.mark.parametrize("row", GENUINE)
def test_a_genuine_vector_is_read_and_minted_again(row: dict[str, Any]) -> None:
    claims = claims_of(row)
    assert read(row["token"], KEYS, ROTATION) == claims
    assert minted(claims) == row["token"]


def minted(claims: Claims) -> str:
    if not claims.rotating:
        return mint(claims, KEY)
    inner = inner_key(SECRET, claims.pass_id)
    return with_tag(mint_rotating(claims, KEY), inner, step_of(NOW.utc))


def test_the_page_prints_the_inner_key_and_the_tag_of_its_moment() -> None:
    inner = inner_key(SECRET, "000102030405060708090a0b0c0d0e0f")
    assert inner.hex() in PAGE
    assert f"step {step_of(NOW.utc)}" in PAGE
    assert tag_of(inner, step_of(NOW.utc)).hex() in PAGE


@pytest.mark.parametrize("row", GENUINE)
def test_a_vector_holds_the_payload_that_the_page_prints(row: dict[str, Any]) -> None:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    digits = [alphabet.index(letter) for letter in row["token"].removeprefix(PREFIX)]
    raw = b""
    for start in range(0, len(digits), 3):
        group = digits[start : start + 3]
        value = sum(digit * 45**place for place, digit in enumerate(group))
        raw += value.to_bytes(len(group) - 1, "big")
    tag = TAG_BYTES if row["claims"].get("rotating") else 0
    assert raw[65 : len(raw) - tag].hex() == row["payload"]


@pytest.mark.parametrize("row", FAULTY, ids=[row["why"] for row in FAULTY])
def test_a_faulty_vector_has_the_fault_that_the_page_names(row: dict[str, Any]) -> None:
    assert read(row["token"], KEYS, ROTATION) == CodeFault(row["fault"])


def test_the_page_has_a_vector_for_every_fault_of_a_code() -> None:
    assert {row["fault"] for row in FAULTY} == set(CodeFault) - {CodeFault.CLOCK}


def test_a_clock_that_is_not_trusted_is_the_fault_of_the_rotating_vector() -> None:
    (row,) = (row for row in GENUINE if row["claims"].get("rotating"))
    unsure = Rotation(SECRET, Moment(NOW.utc, NOW.mono, Trust.FLOOR))
    assert read(row["token"], KEYS, unsure) == CodeFault.CLOCK


def test_the_too_long_vector_is_one_character_too_long() -> None:
    (row,) = (row for row in FAULTY if row["fault"] == CodeFault.TOO_LONG)
    assert len(row["token"]) == MAX_TOKEN + 1
