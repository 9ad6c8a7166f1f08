"""The issuer as a process of its own: what it signs, what it keeps, what it lets out."""

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.issuer import desk
from edge.issuer.__main__ import main
from edge.issuer.client import ask, ask_keys, load_keys
from edge.issuer.order import Order
from gate.pass_keys import key_set
from gate.passes import PrivateKey, read
from models.errors import ConfigError, InputError
from models.visit import Claims, CodeFault, PassKind

COMPOUND = "a1b2c3d4"
ORDER = Order(
    host="0011223344556677",
    not_before=datetime(2026, 11, 21, 8, tzinfo=UTC),
    expires=datetime(2026, 11, 21, 20, tzinfo=UTC),
    lanes=frozenset({1, 2}),
)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "issuer"
    assert desk.create(place, COMPOUND) == 1
    return place


def keys_of(folder: Path) -> dict[int, Any]:
    return dict(key_set(desk.public_keys(folder), COMPOUND))


def test_an_issued_pass_says_what_was_ordered(folder: Path) -> None:
    issued = desk.issue(folder, ORDER)
    assert read(issued.token, keys_of(folder)) == Claims(
        pass_id=issued.pass_id,
        host=ORDER.host,
        compound=COMPOUND,
        lanes=ORDER.lanes,
        not_before=ORDER.not_before,
        expires=ORDER.expires,
        uses=1,
        kind=PassKind.SINGLE,
        kid=1,
    )


def test_each_pass_has_an_id_of_its_own_unless_given_one(folder: Path) -> None:
    assert desk.issue(folder, ORDER).pass_id != desk.issue(folder, ORDER).pass_id
    named = msgspec.structs.replace(ORDER, pass_id="ab" * 16)
    assert desk.issue(folder, named).pass_id == "ab" * 16


def test_a_rotated_key_signs_and_the_old_one_is_still_read_until_retired(folder: Path) -> None:
    old = desk.issue(folder, ORDER)
    assert desk.rotate(folder) == 2
    new = desk.issue(folder, ORDER)
    assert (old.kid, new.kid) == (1, 2)
    assert isinstance(read(old.token, keys_of(folder)), Claims)
    assert isinstance(read(new.token, keys_of(folder)), Claims)
    desk.retire(folder, 1)
    assert read(old.token, keys_of(folder)) == CodeFault.UNKNOWN_KEY
    assert isinstance(read(new.token, keys_of(folder)), Claims)
    assert not (folder / "kid-1.key").exists()


def test_a_retired_number_is_never_used_again(folder: Path) -> None:
    desk.rotate(folder)
    desk.retire(folder, 1)
    desk.rotate(folder)
    desk.retire(folder, 2)
    assert desk.rotate(folder) == 4


def test_the_last_number_is_the_last(folder: Path) -> None:
    for kid in range(2, 128):
        assert desk.rotate(folder) == kid
        desk.retire(folder, kid - 1)
    with pytest.raises(InputError, match="all 127 key numbers"):
        desk.rotate(folder)


def test_the_signing_key_is_not_retired(folder: Path) -> None:
    with pytest.raises(InputError, match="rotate first"):
        desk.retire(folder, 1)
    with pytest.raises(InputError, match="no key 9 in use"):
        desk.retire(folder, 9)


def test_a_second_desk_does_not_replace_the_first(folder: Path) -> None:
    before = desk.public_keys(folder)
    with pytest.raises(InputError, match="already holds an issuer"):
        desk.create(folder, COMPOUND)
    assert desk.public_keys(folder) == before


def test_only_the_owner_may_read_the_folder(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        desk.create(tmp_path / "issuer", COMPOUND)
        desk.rotate(tmp_path / "issuer")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "issuer").stat().st_mode) == 0o700
    modes = {
        file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "issuer").iterdir()
    }
    assert modes == {"issuer.json": 0o600, "kid-1.key": 0o600, "kid-2.key": 0o600}


def test_nothing_secret_leaves_by_the_public_page(folder: Path) -> None:
    secret = (folder / "kid-1.key").read_text().strip()
    page = desk.public_keys(folder)
    assert secret not in page
    assert (
        PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key().public_bytes_raw().hex()
        in page
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"host": "00"}, "8 bytes"),
        ({"lanes": frozenset({64})}, "lane number"),
        ({"uses": 2}, "uses"),
        ({"expires": ORDER.not_before}, "expiry"),
        ({"expires": datetime(2026, 11, 22)}, "time zone"),  # noqa: DTZ001 - a naive time is the point
        ({"pass_id": "xyz"}, "issued"),
    ],
)
def test_an_order_that_fits_no_pass_is_refused_with_a_sentence(
    folder: Path, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(InputError, match=why):
        desk.issue(folder, msgspec.structs.replace(ORDER, **changes))


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"host": 1}', b"\xff", b"[" * 4000])
def test_what_is_no_order_is_refused_with_a_sentence(text: bytes) -> None:
    with pytest.raises(InputError, match="no order"):
        Order.parse(text)


def test_an_order_cannot_name_another_compound() -> None:
    asked = json.loads(msgspec.json.encode(ORDER)) | {"compound": "00000000"}
    with pytest.raises(InputError, match="compound"):
        Order.parse(json.dumps(asked).encode())


@pytest.mark.parametrize("compound", ["", "A1B2C3D4", "a1b2c3", "../a1b2c"])
def test_a_desk_is_for_a_compound(tmp_path: Path, compound: str) -> None:
    with pytest.raises(InputError, match="8 lower-case hex"):
        desk.create(tmp_path / "issuer", compound)
    assert not (tmp_path / "issuer").exists()


def test_a_folder_without_a_desk_is_named(tmp_path: Path) -> None:
    for verb in (desk.rotate, desk.public_keys):
        with pytest.raises(InputError, match="holds no usable issuer"):
            verb(tmp_path / "none")
    with pytest.raises(InputError, match="holds no usable issuer"):
        desk.issue(tmp_path, ORDER)


def test_a_lost_key_is_named(folder: Path) -> None:
    (folder / "kid-1.key").unlink()
    with pytest.raises(InputError, match="cannot give its key 1"):
        desk.issue(folder, ORDER)


def test_the_process_signs_what_the_client_asks(folder: Path) -> None:
    issued = ask(folder, ORDER)
    keys = key_set(ask_keys(folder), COMPOUND)
    claims = read(issued.token, keys)
    assert isinstance(claims, Claims)
    assert claims.pass_id == issued.pass_id


def test_the_client_hands_on_the_sentence_of_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no usable issuer"):
        ask(tmp_path, ORDER)


def test_the_process_says_nothing_but_one_object(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "edge.issuer", "issue", str(folder)],
        input=msgspec.json.encode(ORDER),
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.count(b"\n") == 1
    assert set(json.loads(done.stdout)) == {"token", "pass_id", "compound", "kid"}
    assert done.stderr == b""


def test_each_verb_works_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "issuer")
    assert main(["create", place, COMPOUND]) == 0
    assert main(["rotate", place]) == 0
    assert main(["retire", place, "1"]) == 0
    assert capsys.readouterr().out == '{"kid":1}\n{"kid":2}\n{"kid":1}\n'
    assert main(["keys", place]) == 0
    assert set(key_set(capsys.readouterr().out, COMPOUND)) == {2}
    assert main(["retire", place, "2"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "rotate first" in said.err


def test_a_gate_loads_the_exported_page(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "pass-keys.json"
    page.write_text(desk.public_keys(folder))
    assert isinstance(read(desk.issue(folder, ORDER).token, load_keys(page, COMPOUND)), Claims)
    with pytest.raises(ConfigError, match="for compound 'a1b2c3d4' and this is '00000000'"):
        load_keys(page, "00000000")
    with pytest.raises(ConfigError, match="missing"):
        load_keys(tmp_path / "missing", COMPOUND)


def row(**changes: object) -> dict[str, object]:
    return {"kid": 1, "ed25519": "00" * 32} | changes


@pytest.mark.parametrize(
    "page",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"compound": "a1b2c3d4"}',
        json.dumps({"compound": COMPOUND, "keys": {}}),
        json.dumps({"compound": COMPOUND, "keys": [1]}),
        json.dumps({"compound": COMPOUND, "keys": [row(kid=256)]}),
        json.dumps({"compound": COMPOUND, "keys": [row(kid=True)]}),
        json.dumps({"compound": COMPOUND, "keys": [row(ed25519="00" * 31)]}),
        json.dumps({"compound": COMPOUND, "keys": [row(ed25519="zz" * 32)]}),
        json.dumps({"compound": COMPOUND, "keys": [row(more=1)]}),
        json.dumps({"compound": COMPOUND, "keys": [row(), row()]}),
        json.dumps({"compound": COMPOUND, "keys": [], "more": 1}),
    ],
    ids=lambda page: page[:60],
)
def test_a_page_that_is_none_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        key_set(page, COMPOUND)
