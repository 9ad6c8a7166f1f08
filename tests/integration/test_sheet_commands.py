"""`kuahu resident import` and `export`, and those of vehicles, with no core running."""

from pathlib import Path

import pytest

from edge.store.store import Store
from models.errors import InputError
from tests.fakes.command_line import kuahu, ok
from tests.fakes.store_words import NOW

SITE = """
[site]
compound = "00112233"
state = "s"
[[relay]]
name = "gate-1"
[[lane]]
number = 1
name = "1号门"
relay = "gate-1"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE, "utf-8")
    Store.open(tmp_path / "s", NOW, ballast=0).close()
    return path


def test_tables_go_in_by_command_and_come_out_for_this_user_only(
    site: Path, tmp_path: Path
) -> None:
    people, cars, out = tmp_path / "p.csv", tmp_path / "c.csv", tmp_path / "out.csv"
    people.write_bytes("房号,姓名,类别\r\n3-1-502,林晓,业主\r\n".encode("gbk"))
    cars.write_text("home,plate,owner\n3-1-502,浙A12345,林晓\n", "utf-8")
    looked = ok(site, "resident", "import", str(people), "--dry-run")
    assert "1 new, 0 changed, 0 the same: would be imported" in looked
    assert "林晓" not in ok(site, "resident", "list")
    assert "1 new" in ok(site, "resident", "import", str(people))
    assert "1 new" in ok(site, "vehicle", "import", str(cars))
    assert "1 the same" in ok(site, "resident", "import", str(people))
    ok(site, "vehicle", "export", str(out), "--language", "en")
    text = out.read_bytes().decode("utf-8-sig")
    assert text == "home,plate,owner,last day,note\r\n3-1-502,浙A12345,林晓,,\r\n"
    assert out.stat().st_mode & 0o777 == 0o600
    assert "0 new" in ok(site, "vehicle", "import", str(out))


def test_every_mistake_is_printed_with_its_line_and_nothing_goes_in(
    site: Path, tmp_path: Path
) -> None:
    file = tmp_path / "p.csv"
    file.write_text("home,name,kind\n3-1-502,林晓,king\nx,李雷,owner\n", "utf-8")
    result = kuahu(site, "resident", "import", str(file))
    assert isinstance(result.exception, InputError)
    assert "p.csv has mistakes: 2; nothing was imported" in str(result.exception)
    assert "line 2, kind: 'king' write owner, family, tenant or staff" in result.output
    assert "line 3, home: 'x' write building-unit-room" in result.output
    assert "李雷" not in ok(site, "resident", "list")
    file.write_bytes(b"x" * 1_000_001)
    assert "over 1 MB" in str(kuahu(site, "resident", "import", str(file)).exception)
    bad = kuahu(site, "resident", "export", str(tmp_path / "o.csv"), "--language", "fr")
    assert "zh or en" in str(bad.exception)
