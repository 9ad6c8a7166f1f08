"""The centre as a program: how it starts, how it refuses to, and how it hears a slow sender."""

import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from central import asked
from central.__main__ import main
from tests.fakes.centre_edges import admit, token_of
from tests.fakes.centre_events import EDGE
from tests.fakes.centre_server import running

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("KUAHU_CENTRE_DATABASE", f"sqlite:///{tmp_path}/centre.db")
    return monkeypatch


def test_with_an_address_that_is_none_it_says_so(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("KUAHU_CENTRE_DATABASE", "mysql://user:secret@host/db")
    assert main([]) == 78
    said = capsys.readouterr().err
    assert "postgresql://" in said
    assert "secret" not in said


def test_with_a_database_that_is_away_it_says_what_to_do(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("KUAHU_CENTRE_DATABASE", "postgresql://kuahu@127.0.0.1:9/none")
    assert main([]) == 1
    assert "Look whether the database runs" in capsys.readouterr().err


@pytest.mark.usefixtures("environment")
def test_with_a_port_that_is_taken_it_names_the_port(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["127.0.0.1", str(port)]) == 1
    assert f"port {port} cannot be used" in capsys.readouterr().err


@pytest.mark.usefixtures("environment")
def test_it_tells_its_address_and_stops_when_asked() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "central", "127.0.0.1", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = urlsplit(process.stdout.readline().removeprefix("centre ready at ").strip())
        with socket.create_connection((url.hostname, url.port or 0)) as wire:
            wire.sendall(b"GET /v1/health HTTP/1.1\r\nHost: centre\r\nConnection: close\r\n\r\n")
            assert wire.makefile("rb").read().endswith(b'{"ok":true}')
        process.terminate()
        process.wait()


def test_a_request_that_never_ends_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "_PATIENCE", 0.1)
    head = (
        "POST /v1/events HTTP/1.1\r\nHost: centre\r\nConnection: close\r\n"
        f"Authorization: Bearer {token_of(EDGE)}\r\nContent-Length: 100\r\n\r\n"
    )
    admit(f"sqlite:///{tmp_path}/centre.db", EDGE)
    with running(f"sqlite:///{tmp_path}/centre.db") as url:
        there = urlsplit(url)
        with socket.create_connection((there.hostname, there.port or 0)) as wire:
            wire.sendall(head.encode() + b'{"edge":')
            assert wire.makefile("rb").readline().split()[1] == b"408"
