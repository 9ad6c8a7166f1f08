"""The command line with no core running: it takes the lock and works on the store itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from typer.testing import CliRunner

from edge.cli import app
from tests.fakes.command_line import kuahu, ok
from tests.fakes.portraits import eileen_collins

SITE = """
[site]
compound = "00112233"
state = "s"

[[camera]]
id = "cam1"
source = "folder:pictures"

[[relay]]
name = "gate-1"

[[lane]]
number = 1
name = "1号门"
relay = "gate-1"

[[lane.view]]
camera = "cam1"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE, "utf-8")
    return path


def program(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from edge.cli import main; main()", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_command_explains_itself() -> None:
    for words in (
        [],
        *([one] for one in ("run", "demo", "check-config", "doctor", "events", "replay", "verify")),
        *(
            ["resident", one]
            for one in ("add", "enrol", "learn", "list", "remove", "unlearn", "withdraw")
        ),
        *(["user", one] for one in ("add", "list", "remove", "reset")),
        *(["pass", one] for one in ("issue", "list", "revoke", "rotate-key")),
        *(["relay", one] for one in ("add", "serve")),
        ["centre"],
    ):
        result = CliRunner().invoke(app, [*words, "--help"])
        assert result.exit_code == 0, words
        assert len(result.output.splitlines()) > 3, words


def test_wrong_site_files_end_with_78_and_name_file_and_key(site: Path) -> None:
    done = program("check-config", "--config", str(site.with_name("none.toml")))
    assert done.returncode == 78
    assert "none.toml: there is no such site file" in done.stderr
    site.write_text(SITE.replace("compound", "compuond"), "utf-8")
    done = program("check-config", "--config", str(site))
    assert done.returncode == 78
    assert f"{site}: site.compuond: no such key; did you mean 'compound'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_relay_without_a_key_says_how_to_make_one(site: Path) -> None:
    result = kuahu(site, "check-config")
    assert "kuahu relay add gate-1" in str(result.exception)
    said = ok(site, "relay", "add", "gate-1")
    key = said.rpartition(" ")[2].strip()
    assert len(bytes.fromhex(key)) == 32
    kept = site.parent / "s" / "relays" / "gate-1.key"
    assert kept.read_text().strip() == key
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "has a key already" in str(kuahu(site, "relay", "add", "gate-1").exception)
    assert "00112233" in ok(site, "check-config")


def test_residents_with_and_without_a_face(site: Path) -> None:
    who = ["resident", "add", "李雷", "--home", "3-1-502", "--kind", "owner"]
    first = ok(site, *who, "--until", "2027-06-30").strip()
    refused = kuahu(site, *who, "--photo", str(eileen_collins()))
    assert refused.exit_code != 0
    assert "consent" in refused.output
    given = ["--photo", str(eileen_collins()), "--consent", "2026-11", "--by", "王芳"]
    second = ok(site, *(word.replace("李雷", "韩梅梅") for word in who), *given).strip()
    rows = {
        line.split("\t")[0]: line.split("\t") for line in ok(site, "resident", "list").splitlines()
    }
    assert rows[first][1:5] == ["3-1-502", "owner", "李雷", "2027-06-30"]
    assert "face" not in rows[first][5]
    assert "face" in rows[second][5]
    ok(site, "resident", "withdraw", second, "--by", "王芳")
    row = next(line for line in ok(site, "resident", "list").splitlines() if second in line)
    assert "face" not in row
    ok(site, "resident", "enrol", first, *given)
    row = next(line for line in ok(site, "resident", "list").splitlines() if first in line)
    assert row.endswith("face")
    agrees = ["resident", "learn", first, "--consent", "2026-12", "--by", "王芳"]
    assert "learnt from" in ok(site, *agrees)
    assert "--guardian" in kuahu(site, *agrees, "--under-14").output
    agreed = ok(site, "resident", "list")
    assert "face,learning" in agreed
    assert "forgotten" in ok(site, "resident", "unlearn", first, "--by", "王芳")
    assert "learning" not in ok(site, "resident", "list")
    assert "--guardian" in kuahu(site, *who, "--under-14").output
    said = ok(site, "resident", "remove", second, "--by", "王芳")
    assert "erased" in said
    assert second not in ok(site, "resident", "list")
    assert "there is no resident" in str(
        kuahu(site, "resident", "remove", second, "--by", "x").exception
    )


def test_unusable_photos_leave_nobody_behind(site: Path, tmp_path: Path) -> None:
    blank = tmp_path / "blank.png"
    Image.new("RGB", (640, 480), "grey").save(blank)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(eileen_collins().read_bytes()[:2000])
    for photo in (blank, broken):
        result = kuahu(
            site,
            *["resident", "add", "韩梅梅", "--home", "3-1-502", "--kind", "owner"],
            *["--photo", str(photo), "--consent", "2026-11", "--by", "王芳"],
        )
        assert result.exit_code == 1
        assert photo.name in str(result.exception)
    assert ok(site, "resident", "list") == ""


def test_wrong_homes_are_explained(site: Path) -> None:
    result = kuahu(site, "resident", "add", "李雷", "--home", "502", "--kind", "owner")
    assert "3-1-502" in str(result.exception)


def test_accounts(site: Path) -> None:
    ok(site, "user", "add", "wang", feed="correct horse\ncorrect horse\n")
    assert ok(site, "user", "list") == "wang\tguard\n"
    assert "already" in str(
        kuahu(site, "user", "add", "wang", feed="correct horse\ncorrect horse\n").exception
    )
    ok(site, "user", "reset", "wang", feed="another horse\nanother horse\n")
    assert "no account" in str(
        kuahu(site, "user", "reset", "li", feed="another horse\nanother horse\n").exception
    )
    ok(site, "user", "add", "boss", "--role", "manager", feed="correct horse\ncorrect horse\n")
    ok(site, "user", "remove", "wang")
    assert ok(site, "user", "list") == "boss\tmanager\n"
    assert "no user 'wang'" in str(kuahu(site, "user", "remove", "wang").exception)
    assert "the last manager" in str(kuahu(site, "user", "remove", "boss").exception)
    short = kuahu(site, "user", "add", "li", feed="short\nshort\n")
    assert "at least 10" in short.output


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_passes_are_issued_listed_and_revoked(site: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"pass.{suffix}"
    said = ok(site, "pass", "issue", "快递小哥", "--hours", "2", "--out", str(out))
    token = next(line for line in said.splitlines() if line.startswith("KH1:"))
    if suffix == "png":
        with Image.open(out) as picture:
            assert zxingcpp.read_barcodes(picture.convert("L"))[0].text == token
    else:
        assert "<svg" in out.read_text("utf-8")
    assert out.stat().st_mode & 0o777 == 0o600
    row = ok(site, "pass", "list").strip().split("\t")
    assert row[1] == "single"
    assert row[4:] == ["0/1", "good", "快递小哥"]
    ok(site, "pass", "revoke", row[0])
    assert ok(site, "pass", "list").strip().split("\t")[5] == "revoked"
    assert "no pass id" in str(kuahu(site, "pass", "revoke", "typo").exception)
    assert "not issued here" in kuahu(site, "pass", "revoke", "ab" * 16).output
    for words, said in (
        (["--uses", "5"], "add --kind window"),
        (["--lane", "44"], "there is no lane 44"),
        (["--start", "2020-01-01T00:00"], "over before it is made"),
    ):
        assert said in str(kuahu(site, "pass", "issue", "x", *words).exception)
    wrong = kuahu(site, "pass", "issue", "x", "--out", str(tmp_path / "pass.gif"))
    assert "neither .png nor .svg" in str(wrong.exception)
    assert len(ok(site, "pass", "list").splitlines()) == 1, "what was refused was never signed"


def test_a_rotated_key_signs_and_the_old_one_is_still_believed(site: Path) -> None:
    ok(site, "pass", "issue", "一")
    assert "key 2" in ok(site, "pass", "rotate-key")
    ok(site, "pass", "issue", "二")
    keys = json.loads((site.parent / "s" / "pass-keys.json").read_text())
    assert [row["kid"] for row in keys["keys"]] == [1, 2]


def test_journal_is_shown_replayed_and_verified(site: Path) -> None:
    ok(site, "resident", "add", "李雷", "--home", "3-1-502", "--kind", "owner")
    lines = ok(site, "events", "--all", "--json").splitlines()
    row = json.loads(lines[-1])
    assert {"journal", "seq", "at", "lane", "credential", "answer", "reason", "ms"} <= row.keys()
    assert ok(site, "events") == ""
    assert ok(site, "events", "--all", "--since", str(row["seq"])) == ""
    assert ok(site, "events", "--all", "--since", "2026-01-01") != ""
    assert ok(site, "events", "--all", "--since", "2999-01-01T00:00") == ""
    assert "neither a row's number nor a time" in kuahu(site, "events", "--since", "soon").output
    assert "differ 0" in ok(site, "replay")
    assert "broken 0" in ok(site, "verify")
