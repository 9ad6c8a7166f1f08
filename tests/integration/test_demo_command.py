"""`kuahu demo` as a person runs it: the check against another broker, the show, and Ctrl-C."""

import json
import os
import re
import secrets
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2
import httpx
import pytest

from edge.demo import consent, viewer
from edge.demo.leftovers import fresh_folder, sweep
from edge.demo.story import story
from edge.store.folder import Folder
from mqtt_bridge import mosquitto
from mqtt_bridge.access import Login
from mqtt_bridge.mosquitto import Listener
from tests.fakes.mosquitto import PROGRAM, free_port, needs_mosquitto, wait_for_port
from tests.fakes.portraits import eileen_collins, grace_hopper, nobody

_KUAHU = str(Path(sys.executable).with_name("kuahu"))

pytestmark = pytest.mark.timeout(450)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """A real mosquitto as shipped, but with one login that may do everything; as a URL."""
    password = secrets.token_urlsafe(12)
    logins = (Login("demo", password, ("#",), ("#",)),)
    passwords, acl, log = tmp_path / "passwords", tmp_path / "acl", tmp_path / "log"
    mosquitto.write_passwords(passwords, logins)
    acl.touch(mode=0o600)
    acl.write_text(mosquitto.render_acl(logins))
    listener = Listener(port=free_port())
    user = "root" if os.geteuid() == 0 else ""
    config = tmp_path / "mosquitto.conf"
    config.write_text(mosquitto.render_config(listener, passwords, acl, user))
    with log.open("ab") as sink:
        process = subprocess.Popen([PROGRAM, "-c", str(config)], stderr=sink)
    try:
        wait_for_port(listener.port, process, log)
        yield f"mqtt://demo:{password}@127.0.0.1:{listener.port}"
    finally:
        process.terminate()
        process.wait(20)


@needs_mosquitto
def test_the_check_passes_against_mosquitto_with_other_people(broker: str, tmp_path: Path) -> None:
    """The two portraits change parts, so that neither file is what makes the story pass."""
    people = ["--resident", str(eileen_collins()), "--stranger", str(grace_hopper())]
    done = subprocess.run(
        [_KUAHU, "demo", "--check", "--json", "--broker", broker, *people],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=400,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["step"], line["lane"], line["expected"], line["got"]) for line in lines] == [
        (step.name, step.lane, step.expected, step.expected) for step in story()
    ], done.stderr[-4000:]
    assert all(set(line) == {"step", "lane", "expected", "got", "ms", "ok"} for line in lines)
    assert all(line["ok"] is True and line["ms"] >= 0 for line in lines)
    assert done.returncode == 0
    assert broker not in done.stderr


def test_a_picture_without_a_face_is_refused_in_words() -> None:
    done = subprocess.run(
        [_KUAHU, "demo", "--check", "--resident", str(nobody())],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "no face was found" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_show_says_what_runs_and_ends_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    state = tmp_path / "s"
    with (tmp_path / "log").open("wb") as log:
        show = subprocess.Popen(
            [_KUAHU, "demo", "--state", str(state)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    told = show.stdout
    assert told is not None
    try:
        lines = []
        for line in told:
            lines.append(line)
            if line.startswith("ready "):
                break
        ready = json.loads(lines[-1].removeprefix("ready "))
        assert {"url", "centre_url", "claim", "state"} <= set(ready)
        assert any(ready["url"] in line for line in lines[:-1])
        assert ready["state"] == str(state)
        assert httpx.get(ready["url"], follow_redirects=True).status_code == 200
        assert httpx.get(f"{ready['centre_url']}/v1/health").json() == {"ok": True}
        _enrol_eileen(ready["stage_url"])
        assert _known(state)[0].count(viewer.NAME) == 1
        # As a terminal does it: the whole group is told at once.
        os.killpg(show.pid, signal.SIGINT)
        assert show.wait(90) == 0
        assert told.read() == ""
    finally:
        if show.poll() is None:
            show.kill()
            show.wait()
        told.close()
    said = (tmp_path / "log").read_text("utf-8")
    assert "Traceback" not in said
    assert said.rstrip().endswith("stopped")
    assert not (state / "core.sock").exists()
    names, consents, faces = _known(state)
    assert viewer.NAME not in names
    # The resident's own face comes from the phone, if the story had come so far.
    assert len(names) == 1
    assert faces <= 1
    assert {channel for channel, withdrawn in consents if not withdrawn} <= {"phone"}
    assert not list(Folder(state).evidence.glob("*.crop"))


def _enrol_eileen(stage: str) -> None:
    """Do what the stage's page does once somebody has agreed and pressed the button."""
    token = re.search(r'name="stage-token" content="([^"]+)"', httpx.get(stage).text)
    assert token is not None
    _, jpeg = cv2.imencode(".jpg", cv2.imread(str(eileen_collins())))
    sent = {"X-Stage-Token": token[1], "X-Agreed": consent.version("en")}
    answer = httpx.post(f"{stage}face", content=jpeg.tobytes(), headers=sent, timeout=60)
    assert answer.status_code == 200, answer.text


def _known(state: Path) -> tuple[list[str], list[tuple[str, bool]], int]:
    """Return who is on the register, every consent (channel, withdrawn), and how many faces."""
    with closing(sqlite3.connect(f"file:{Folder(state).register}?mode=ro", uri=True)) as register:
        names = [name for (name,) in register.execute("SELECT name FROM resident")]
        consents = register.execute("SELECT channel, withdrawn IS NOT NULL FROM consent").fetchall()
    with closing(sqlite3.connect(f"file:{Folder(state).biometrics}?mode=ro", uri=True)) as there:
        (faces,) = there.execute("SELECT count(DISTINCT face) FROM template").fetchone()
    return names, consents, faces


def test_what_a_killed_demo_left_is_swept_away_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    running, held = fresh_folder()
    killed, lock = fresh_folder()
    (killed / "demo").mkdir()
    (killed / "demo" / "viewer.jpg").write_bytes(b"a face")
    young = tmp_path / "kuahu-demo-young"
    elsewhere = tmp_path / "elsewhere"
    young.mkdir()
    elsewhere.mkdir()
    (tmp_path / "kuahu-demo-link").symlink_to(killed)
    assert sweep() == ()
    # What the kernel does with the lock of a process that is gone.
    lock.release()
    assert sweep() == (killed,)
    assert running.exists()
    assert young.exists()
    assert elsewhere.exists()
    assert not killed.exists()
    held.release()
