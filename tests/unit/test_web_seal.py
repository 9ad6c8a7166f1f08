import stat
from pathlib import Path

import pytest

from edge.web.seal import SECRET_FILE, Seal, open_secret, same
from models.errors import StoreFault


def test_what_was_signed_is_read_back_and_for_its_purpose_only() -> None:
    seal = Seal(b"s" * 32)
    text = seal.sign("desk", {"name": "小王"})
    assert seal.read("desk", text) == {"name": "小王"}
    assert seal.read("lane", text) is None


@pytest.mark.parametrize("spoil", [lambda text: text[:-1], lambda text: "x" + text, lambda _: ""])
def test_what_was_changed_is_not_read(spoil: object) -> None:
    seal = Seal(b"s" * 32)
    text = seal.sign("desk", {"name": "wang", "role": "guard"})
    assert callable(spoil)
    assert seal.read("desk", spoil(text)) is None


def test_another_site_signs_otherwise() -> None:
    one, other = Seal(b"a" * 32), Seal(b"b" * 32)
    assert other.read("desk", one.sign("desk", "x")) is None
    assert one.lane_key(1) != other.lane_key(1)
    assert one.token("n") != other.token("n")


def test_every_lane_and_every_browser_has_its_own_key() -> None:
    seal = Seal(b"s" * 32)
    keys = {seal.lane_key(number, each) for number in range(1, 64) for each in range(30)}
    assert len(keys) == 63 * 30
    assert not same(seal.token("one"), seal.token("other"))
    assert seal.token("lane 1") != seal.lane_key(1)


def test_the_secret_is_made_once_and_for_this_user_only(tmp_path: Path) -> None:
    secret = open_secret(tmp_path)
    assert open_secret(tmp_path) == secret
    assert stat.S_IMODE((tmp_path / SECRET_FILE).stat().st_mode) == 0o600


def test_a_damaged_secret_is_not_used(tmp_path: Path) -> None:
    (tmp_path / SECRET_FILE).write_bytes(b"short")
    with pytest.raises(StoreFault, match="damaged"):
        open_secret(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="nowhere"):
        open_secret(tmp_path / "nowhere")
