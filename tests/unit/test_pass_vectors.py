"""docs/pass.md is the specification; these tests hold the codec to its vectors."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gate.passes import MAX_TOKEN, PREFIX, PrivateKey, mint, read
from models.visit import Claims, CodeFault, PassKind

PAGE = (Path(__file__).parents[2] / "docs" / "pass.md").read_text("utf-8")
KEY = PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {1: KEY.public_key()}


def blocks() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    genuine, faulty = (
        json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)
    )
    return genuine, faulty


GENUINE, FAULTY = blocks()


def claims_of(row: dict[str, Any]) -> Claims:
    said = row["claims"]
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
    )


def test_the_page_prints_the_public_key_of_its_private_key() -> None:
    assert KEY.public_key().public_bytes_raw().hex() in PAGE


@pytest.mark.parametrize("row", GENUINE)
def test_a_genuine_vector_is_read_and_minted_again(row: dict[str, Any]) -> None:
    claims = claims_of(row)
    assert read(row["token"], KEYS) == claims
    assert mint(claims, KEY) == row["token"]


@pytest.mark.parametrize("row", GENUINE)
def test_a_vector_holds_the_payload_that_the_page_prints(row: dict[str, Any]) -> None:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    digits = [alphabet.index(letter) for letter in row["token"].removeprefix(PREFIX)]
    raw = b""
    for start in range(0, len(digits), 3):
        group = digits[start : start + 3]
        value = sum(digit * 45**place for place, digit in enumerate(group))
        raw += value.to_bytes(len(group) - 1, "big")
    assert raw[65:].hex() == row["payload"]


@pytest.mark.parametrize("row", FAULTY, ids=[row["why"] for row in FAULTY])
def test_a_faulty_vector_has_the_fault_that_the_page_names(row: dict[str, Any]) -> None:
    assert read(row["token"], KEYS) == CodeFault(row["fault"])


def test_the_page_has_a_vector_for_every_fault() -> None:
    assert {row["fault"] for row in FAULTY} == set(CodeFault)


def test_the_too_long_vector_is_one_character_too_long() -> None:
    (row,) = (row for row in FAULTY if row["fault"] == CodeFault.TOO_LONG)
    assert len(row["token"]) == MAX_TOKEN + 1
