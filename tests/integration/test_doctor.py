"""`kuahu doctor` beside a standing site and beside a running one."""

import os
import shutil
import signal
from pathlib import Path

from config.settings import Settings
from edge.doctor import Finding, examine_site
from edge.places import Places, keep_secret
from models.lane import Drive
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.track import RelaySpec
from tests.fakes.mosquitto import mosquitto_broker
from tests.fakes.portraits import eileen_collins
from tests.fakes.running_site import CLOSED_PORT, running, settings_of, wait_until

FOLDER = {"id": "pics", "source": "folder:pictures", "loop": True}


def found(settings: Settings) -> dict[str, list[Finding]]:
    parts: dict[str, list[Finding]] = {}
    for finding in examine_site(settings, Places(settings.site.state)):
        parts.setdefault(finding.part, []).append(finding)
    return parts


def words(findings: list[Finding]) -> str:
    return " | ".join(f"{one.ok} {one.text} {one.advice}" for one in findings)


def test_a_standing_site_with_nothing_connected_is_told_what_to_do(tmp_path: Path) -> None:
    cameras = [
        {**FOLDER, "source": f"folder:{tmp_path / 'none'}"},
        {"id": "away", "source": f"rtsp://127.0.0.1:{CLOSED_PORT}/x"},
    ]
    settings = settings_of(tmp_path / "s", cameras)
    for relay in settings.relay:
        keep_secret(Places(settings.site.state).relay_key(relay.name), "ab" * 32)
    parts = found(settings)
    assert "kuahu run" in words(parts["core"])
    assert not parts["broker"][0].ok
    assert "broker" in words(parts["relay gate-1"])
    assert not parts["camera pics"][0].ok
    assert not parts["camera away"][0].ok
    assert parts["recognition"][0].ok
    assert parts["clock"][0].ok


def test_a_relay_without_a_key_and_a_missing_secret_are_named(tmp_path: Path) -> None:
    camera = {**FOLDER, "password_file": tmp_path / "no-such-file"}
    parts = found(settings_of(tmp_path / "s", [camera]))
    assert "kuahu relay add gate-1" in words(parts["broker"])
    assert "no-such-file" in words(parts["secrets"])


def test_a_running_site_is_asked_and_not_disturbed(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    shutil.copy(eileen_collins(), pictures / "one.png")
    cameras = [{**FOLDER, "source": f"folder:{pictures}"}]
    with running(settings_of(tmp_path / "s", cameras)) as site:
        wait_until(
            lambda: (camera := site.camera("pics")) is not None and camera.state == "live",
            30,
            "a live camera",
        )
        before = site.supervisor.processes()
        parts = found(site.settings)
        assert parts["core"][0].ok
        assert "live" in words(parts["camera pics"])
        assert not parts["broker"][0].ok, "its broker is away, and core says so"
        assert site.supervisor.processes() == before


def test_dead_eyes_and_a_dead_broker_are_on_the_page_and_the_guard_is_told_what_to_do(
    tmp_path: Path,
) -> None:
    spec = RelaySpec("gate-1", 1, Drive.PULSE, key=RelayKey(bytes.fromhex(f"{1:064x}")))
    (tmp_path / "m").mkdir()
    with mosquitto_broker(tmp_path / "m", (spec,)) as broker:
        login = broker.address()
        settings = settings_of(
            tmp_path / "s",
            [{**FOLDER, "source": "kiosk"}],
            broker={"port": login.port, "username": login.username, "password": login.password},
        )
        with running(settings) as site:

            def faults() -> str:
                state = site.site()
                return " ".join(f"{one.part}: {one.text}" for one in state.faults) if state else ""

            wait_until(lambda: site.site() is not None, 10, "a first word")
            wait_until(lambda: "broker" not in faults(), 10, "the broker")
            pid = site.supervisor.processes()["vision"]
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            wait_until(lambda: "looks through the cameras" in faults(), 10, "vision's fault")
            wait_until(lambda: "looks through the cameras" not in faults(), 40, "new eyes")
            broker.stop()
            wait_until(lambda: "broker: the broker at" in faults(), 20, "the broker's fault")
