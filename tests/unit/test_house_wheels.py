"""Every run-time package of uv.lock installs from a wheel on both kinds of gate hardware.

As a script (`make wheels`) it lists those that do not, and exits 1 if there are any.
"""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from packaging.markers import Marker

_ROOT = Path(__file__).resolve().parents[2]
_KINDS = ("x86_64", "aarch64")
_TAG = "cp311"
Lock = dict[str, Any]


def _locked() -> dict[str, Lock]:
    lock = tomllib.loads((_ROOT / "uv.lock").read_text(encoding="utf-8"))
    return {package["name"]: package for package in lock["package"] if _for_python(package)}


def _for_python(package: Lock) -> bool:
    """Return whether this is the version that Debian 12's Python 3.11 gets."""
    markers = package.get("resolution-markers", [])
    environment = {"python_full_version": "3.11.2", "python_version": "3.11"}
    return not markers or any(Marker(text).evaluate(environment) for text in markers)


def _run_time(machine: str) -> set[str]:
    """Return the names that `kuahu` with all of its extras brings along on one kind of machine."""
    locked = _locked()
    environment = {
        "platform_machine": machine,
        "python_full_version": "3.11.2",
        "python_version": "3.11",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    kuahu = locked["kuahu"]
    wanted = [*kuahu["dependencies"]]
    for extra in kuahu["optional-dependencies"].values():
        wanted += extra
    found: set[str] = set()
    while wanted:
        need = wanted.pop()
        if "marker" in need and not Marker(need["marker"]).evaluate(environment):
            continue
        package = locked[need["name"]]
        for extra in need.get("extra", []):
            wanted += package.get("optional-dependencies", {}).get(extra, [])
        if need["name"] not in found:
            found.add(need["name"])
            wanted += package.get("dependencies", [])
    return found


def _fits(wheel: str, machine: str) -> bool:
    python, abi, platform = wheel.removesuffix(".whl").split("-")[-3:]
    pythons = python.split(".")
    right_python = (
        _TAG in pythons
        or bool({"py3", "py311"} & set(pythons))
        or (abi == "abi3" and any(_old_enough(tag) for tag in pythons))
    )
    # Debian 12 has glibc 2.36.
    glibc = [int(minor) for minor in re.findall(rf"manylinux_2_(\d+)_{machine}", platform)]
    old_glibc = re.search(rf"manylinux(1|2010|2014)_{machine}", platform) is not None
    right_platform = platform == "any" or old_glibc or any(minor <= 36 for minor in glibc)
    return right_python and right_platform


def _old_enough(tag: str) -> bool:
    minor = re.fullmatch(r"cp3(\d+)", tag)
    return minor is not None and int(minor[1]) <= 11


def missing() -> list[str]:
    """Return `package version machine` for each run-time package without a fitting wheel."""
    locked = _locked()
    lines = []
    for machine in _KINDS:
        for name in sorted(_run_time(machine) - {"kuahu"}):
            package = locked[name]
            files = [wheel["url"].rsplit("/", 1)[-1] for wheel in package.get("wheels", [])]
            if not any(_fits(file, machine) for file in files):
                lines.append(f"{name} {package['version']} {machine}")
    return lines


def test_every_run_time_package_has_a_wheel_for_both_machines() -> None:
    assert missing() == []


def test_a_wheel_for_another_machine_does_not_count() -> None:
    assert _fits("a-1-cp311-cp311-manylinux_2_28_aarch64.whl", "aarch64")
    assert not _fits("a-1-cp311-cp311-manylinux_2_28_aarch64.whl", "x86_64")
    assert not _fits("a-1-cp312-cp312-manylinux_2_28_aarch64.whl", "aarch64")
    assert not _fits("a-1-cp311-cp311-manylinux_2_39_aarch64.whl", "aarch64")
    assert not _fits("a-1-cp311-cp311-musllinux_1_2_aarch64.whl", "aarch64")
    assert _fits("a-1-cp39-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl", "x86_64")


def test_the_list_reaches_dependencies_of_dependencies() -> None:
    assert {"starlette", "pillow", "dlib-bin"} <= _run_time("x86_64")


if __name__ == "__main__":
    lines = missing()
    for line in lines:
        sys.stderr.write(f"no wheel: {line}\n")
    sys.stderr.write(f"{len(_run_time(_KINDS[0]))} run-time packages looked at\n")
    sys.exit(1 if lines else 0)
