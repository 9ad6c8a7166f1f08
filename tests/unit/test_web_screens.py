"""The lanes' screens: a key that was taken back stays so, and one camera is the lane's."""

import asyncio
import stat
from pathlib import Path

import pytest

from edge.web.screens import SCREENS_FILE, Screens
from models.errors import StoreFault


def test_a_new_key_is_kept_and_is_one_lanes_only(tmp_path: Path) -> None:
    screens = Screens(tmp_path)
    assert (screens.generation(1), screens.generation(2)) == (0, 0)
    asyncio.run(screens.renew(2))
    asyncio.run(screens.renew(2))
    for each in (screens, Screens(tmp_path)):
        assert (each.generation(1), each.generation(2)) == (0, 2)
    assert stat.S_IMODE((tmp_path / SCREENS_FILE).stat().st_mode) == 0o600


def test_many_new_keys_at_once_are_all_counted(tmp_path: Path) -> None:
    screens = Screens(tmp_path)

    async def all_at_once() -> None:
        await asyncio.gather(*(screens.renew(lane) for lane in (1, 2, 1, 2, 1)))

    asyncio.run(all_at_once())
    kept = Screens(tmp_path)
    assert (kept.generation(1), kept.generation(2)) == (3, 2)


def test_a_key_that_cannot_be_kept_is_not_changed(tmp_path: Path) -> None:
    screens = Screens(tmp_path)
    (tmp_path / SCREENS_FILE).mkdir()
    with pytest.raises(StoreFault, match="cannot write"):
        asyncio.run(screens.renew(1))
    assert screens.generation(1) == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"one": 1}', '{"1": "x"}'])
def test_what_is_damaged_makes_no_old_key_good_again(tmp_path: Path, text: str) -> None:
    (tmp_path / SCREENS_FILE).write_text(text)
    with pytest.raises(StoreFault, match="cannot read") as refused:
        Screens(tmp_path)
    assert "web.secret" in refused.value.advice


def test_the_newest_device_to_begin_films_until_the_key_is_a_new_one(tmp_path: Path) -> None:
    screens = Screens(tmp_path)
    assert screens.films(1, "first")
    assert not screens.films(1, "second")
    screens.begin(1, "second")
    assert (screens.films(1, "second"), screens.films(1, "first")) == (True, False)
    assert screens.films(2, "first")
    asyncio.run(screens.renew(1))
    assert screens.films(1, "third")
