import socket
from pathlib import Path

import pytest

from edge.systemd import tell_systemd


@pytest.mark.parametrize("abstract", [False, True])
def test_the_state_arrives_at_the_socket_that_systemd_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool
) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + path if abstract else path)
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + path if abstract else path)

        assert tell_systemd("WATCHDOG=1")

        assert manager.recv(100) == b"WATCHDOG=1"


def test_no_service_manager_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not tell_systemd("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    assert not tell_systemd("READY=1")
