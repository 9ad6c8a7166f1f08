"""docs/operations.md speaks of every fault, and its site file loads."""

import re
from pathlib import Path

import pytest

import edge.channel
from config.load import load
from models.errors import Fault, KuahuError

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def _codes(kind: type[KuahuError]) -> set[str]:
    own = {kind.code} if kind not in {KuahuError, Fault} else set()
    return own.union(*(_codes(child) for child in kind.__subclasses__()))


def _site_file() -> str:
    (block,) = re.findall(r"```toml\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(block)


def test_every_kind_of_fault_has_a_row_with_what_to_do() -> None:
    assert edge.channel.ChannelFault.code == "channel"
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in _PAGE.read_text(encoding="utf-8").splitlines()
        if re.match(r"\| `\w+` \|", line)
    ]
    faults = {row[0].strip("`"): row for row in rows if len(row) == 4}
    assert _codes(KuahuError) - set(faults) == set()
    assert [code for code, row in faults.items() if "" in row] == []


def test_the_site_file_of_the_page_loads(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(_site_file(), encoding="utf-8")
    settings = load(path)
    assert [lane.lane().number for lane in settings.lane] == [1]
    assert settings.camera[0].password_file == tmp_path / "east-in.password"


@pytest.mark.parametrize("make", ["Streaming/Channels/102", "cam/realmonitor?channel=1&subtype=1"])
def test_the_second_streams_of_the_page_are_sources(tmp_path: Path, make: str) -> None:
    page = _PAGE.read_text(encoding="utf-8")
    assert f"rtsp://ADDRESS:554/{make}" in page
    site = _site_file().replace("Streaming/Channels/102", make)
    path = tmp_path / "site.toml"
    path.write_text(site, encoding="utf-8")
    assert load(path).camera[0].source.endswith(make)
