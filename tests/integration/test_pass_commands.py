"""`kuahu pass issue` for the kinds, and `kuahu uses`: the key between gate machines."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.load import load
from edge.core.afterwards import sharing_of, webhook_of
from edge.places import Places
from gate.pass_keys import key_set
from gate.passes import read
from models.errors import ConfigError
from models.visit import Claims, PassKind, Weekly
from tests.fakes.command_line import kuahu, ok

SITE = """
[site]
compound = "a1b2c3d4"
state = "s"
[broker]
port = 1
[[relay]]
name = "gate-1"
[[lane]]
number = 1
name = "北门"
kind = "pedestrian"
relay = "gate-1"
drive = "pulse"
credentials = ["pass", "pin"]
"""
MORE = """
[uses]
host = "192.168.10.2"
username = "kuahu-uses"
password = "hush hush hush"
[notify]
url = "https://hooks.example/kuahu"
secret = "a secret that is long enough"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE, "utf-8")
    return path


def issued(site: Path, *words: str) -> Claims:
    said = ok(site, "pass", "issue", "保姆", *words)
    token = next(line for line in said.splitlines() if line.startswith("KH1:"))
    page = (site.parent / "s" / "pass-keys.json").read_text("utf-8")
    claims = read(token, key_set(page, "a1b2c3d4"))
    assert isinstance(claims, Claims)
    return claims


def test_every_kind_can_be_issued_at_the_desk(site: Path) -> None:
    nanny = issued(site, "--kind", "recurring", "--uses", "9", "--week", "Mon,fri 22:00-06:30")
    assert nanny.weekly == Weekly(frozenset({0, 4}), 22 * 60, 6 * 60 + 30)
    assert (nanny.kind, nanny.uses) == (PassKind.RECURRING, 9)
    assert issued(site, "--kind", "delivery").kind is PassKind.DELIVERY
    paper = issued(site, "--kind", "printed", "--uses", "20", "--hours", "240")
    assert (paper.kind, paper.uses) == (PassKind.PRINTED, 20)
    rows = [line.split("\t") for line in ok(site, "pass", "list").splitlines()]
    assert sorted(row[1] for row in rows) == ["delivery", "printed", "recurring"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--kind", "recurring"], "days and times of each week"),
        (["--kind", "window", "--week", "mon 09:00-18:00"], "days and times of each week"),
        (["--kind", "delivery", "--uses", "2"], "one visit"),
        (["--kind", "recurring", "--week", "monday 9-18"], "names no week"),
        (["--kind", "recurring", "--week", "mon,xyz 09:00-18:00"], "names no week"),
        (["--kind", "recurring", "--week", "mon 09:00-09:00"], "names no week"),
        (["--kind", "recurring", "--week", "mon 09:00-24:30"], "names no week"),
    ],
)
def test_what_fits_no_kind_is_said_so(site: Path, words: list[str], said: str) -> None:
    assert said in str(kuahu(site, "pass", "issue", "x", *words).exception)


def test_a_key_made_on_one_machine_is_taken_on_another(site: Path, tmp_path: Path) -> None:
    said = ok(site, "uses", "key")
    key = said.splitlines()[0].rpartition(" ")[2]
    assert "has a key already" in str(kuahu(site, "uses", "key").exception)
    other = tmp_path / "other"
    other.mkdir()
    (other / "site.toml").write_text(SITE + MORE, "utf-8")
    there = other / "site.toml"
    assert "64 hex digits" in str(kuahu(there, "uses", "join", feed="typo\n").exception)
    settings = load(there)
    places = Places(settings.site.state)
    with pytest.raises(ConfigError, match="kuahu uses key"):
        sharing_of(settings, places)
    assert key not in ok(there, "uses", "join", feed=f"{key}\n")
    assert "has a key already" in str(kuahu(there, "uses", "join", feed=f"{key}\n").exception)
    assert places.uses_key.stat().st_mode & 0o777 == 0o600
    sharing = sharing_of(settings, places)
    assert sharing is not None
    assert (sharing.compound, sharing.key.hex()) == ("a1b2c3d4", key)
    assert (sharing.address.host, sharing.address.username) == ("192.168.10.2", "kuahu-uses")
    assert "hush" not in repr(sharing)
    webhook = webhook_of(settings)
    assert webhook is not None
    assert webhook.url == "https://hooks.example/kuahu"
    places.uses_key.write_text("nonsense", "utf-8")
    with pytest.raises(ConfigError, match="--again"):
        sharing_of(settings, places)


def test_a_site_that_asks_for_neither_has_neither(site: Path) -> None:
    settings = load(site)
    assert sharing_of(settings, Places(settings.site.state)) is None
    assert webhook_of(settings) is None
    assert ZoneInfo(settings.site.timezone).key == "Asia/Shanghai"
