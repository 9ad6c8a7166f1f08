"""Small archives of small versions: the real wheel, installer and store, and a main of a few lines.

What the versions need is not inside: one tiny wheel points to the packages of this environment.
"""

import base64
import ensurepip
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from tests.fakes.service_manager import ServiceManager

ROOT = Path(__file__).resolve().parents[2]

# What stands in for the whole daemon: it opens the real store and says READY=1.
_MAIN = """
import os, signal, sys, threading
from pathlib import Path
VERSION, FAULT = {version!r}, {fault!r}
def main():
    if sys.argv[1] == "--help":
        sys.exit(0)
    from config.load import load
    from models.errors import ConfigError
    named = sys.argv[-1] if sys.argv[1] == "check-config" else os.environ["KUAHU_CONFIG"]
    try:
        state = load(Path(named)).site.state
    except ConfigError as error:
        sys.exit(str(error))
    if FAULT == "start" and sys.argv[1] == "run":
        sys.exit(VERSION + " does not start")
    if sys.argv[1] == "check-config":
        sys.exit(0)
    from edge.clock import SystemClock
    from edge.store.store import Store
    from edge.systemd import tell_systemd
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=stop.set).start())
    with Store.open(state, SystemClock().now(), ballast=0):
        if FAULT == "late":
            sys.exit(VERSION + " does not get ready")
        (state / "runs").write_text(VERSION)
        tell_systemd("READY=1")
        stop.wait()
    (state / "runs").unlink()
"""

_MIGRATION = '''"""A later version's table."""
from alembic import op
import sqlalchemy as sa
revision = "r0999"
down_revision = "{head}"
branch_labels = None
depends_on = None
def upgrade():
    op.create_table("later", sa.Column("id", sa.Integer, primary_key=True))
'''


# What state.py and the stand-in import; the rest would only take time to lay.
_NEEDED = ("config/", "edge/__init__", "edge/clock", "edge/places", "edge/register_sheet",
           "edge/sheet_rules", "edge/store/", "edge/sync/__init__", "edge/sync/words",
           "edge/systemd", "edge/zone_ports", "gate/", "kuahu-", "models/")  # fmt: skip


@dataclass(frozen=True)
class Version:
    """A version to pack: how it fails, which files' schemas it raises, or the house as it is."""

    number: str
    fault: str = ""
    raises: tuple[str, ...] = ()
    real: bool = False


def real_wheel(folder: Path) -> Path:
    """Return our wheel, built as the archive builds it."""
    constraints = ROOT / "packaging/build.txt"
    subprocess.run(
        [str(Path(sys.executable).with_name("uv")), "build", "--quiet", "--wheel",
         "--build-constraint", str(constraints), "--require-hashes", "--out-dir", str(folder),
         str(ROOT)],
        check=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    return wheel


def bundled_pip() -> Path:
    """Return the pip wheel that Python itself brings; skip where Debian took it out."""
    places = (Path(ensurepip.__file__).parent / "_bundled", Path("/usr/share/python-wheels"))
    found = [wheel for place in places for wheel in place.glob("pip-*.whl")]
    if not found:
        pytest.skip("this Python brings no pip wheel: apt install python3-pip-whl")
    return found[0]


def archive(wheel: Path, version: Version, folder: Path) -> Path:
    """Return an unpacked archive of a version made from the real `wheel`."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    weights = folder / "weights"
    weights.mkdir()
    (weights / "net.onnx").write_bytes(b"weights")
    pip = bundled_pip()
    (wheels / pip.name).write_bytes(pip.read_bytes())
    here = _pointer(wheels)
    own = shutil.copy(wheel, wheels) if version.real else _small(wheel, version, wheels)
    (folder / "locked.txt").write_text(
        "".join(
            f"{name} --hash=sha256:{sha256(Path(path).read_bytes()).hexdigest()}\n"
            for name, path in (("here==1", here), (f"kuahu=={version.number}", own))
        )
    )
    pack(folder, folder.parent / "packed", version.number)
    return folder


def pack(folder: Path, out: Path, number: str) -> Path:
    done = subprocess.run(
        [str(ROOT / "packaging/pack"), str(folder), str(out), number],
        env={**os.environ, "KUAHU_ARCHIVE_PYTHON": sys.executable},
        check=True,
        capture_output=True,
        text=True,
    )
    return Path(done.stdout.strip())


def _pointer(wheels: Path) -> Path:
    return _write(
        wheels / "here-1-py3-none-any.whl",
        {
            "here.pth": f"{sysconfig.get_path('purelib')}\n",
            "here-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: here\nVersion: 1\n",
            "here-1.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
        },
    )


def _small(wheel: Path, version: Version, wheels: Path) -> Path:
    with zipfile.ZipFile(wheel) as whole:
        content = {name: whole.read(name) for name in whole.namelist()}
    (metadata,) = (name for name in content if name.endswith(".dist-info/METADATA"))
    old = metadata.removeprefix("kuahu-").removesuffix(".dist-info/METADATA")
    files: dict[str, str | bytes] = {}
    for name, data in content.items():
        if name.endswith("/RECORD") or not name.startswith(_NEEDED):
            continue
        files[name.replace(f"kuahu-{old}.dist-info", f"kuahu-{version.number}.dist-info")] = data
    about = f"kuahu-{version.number}.dist-info/METADATA"
    files[about] = content[metadata].replace(
        f"\nVersion: {old}\n".encode(), f"\nVersion: {version.number}\n".encode()
    )
    files["edge/cli.py"] = _MAIN.format(version=version.number, fault=version.fault)
    for file in version.raises:
        base = f"edge/store/migrations/versions/{file}"
        head = max(Path(name).stem for name in content if name.startswith(f"{base}/r"))
        files[f"{base}/r0999_later.py"] = _MIGRATION.format(head=_revision(content, base, head))
    return _write(wheels / f"kuahu-{version.number}-py3-none-any.whl", files)


def _revision(content: dict[str, bytes], base: str, stem: str) -> str:
    for line in content[f"{base}/{stem}.py"].decode().splitlines():
        if line.startswith("revision"):
            return line.split('"')[1]
    raise AssertionError(stem)


def _write(path: Path, files: dict[str, str | bytes]) -> Path:
    info = next(name.split("/")[0] for name in files if ".dist-info/" in name)
    record = []
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            data = text.encode() if isinstance(text, str) else text
            digest = base64.urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(data)}\n")
            wheel.writestr(name, data)
        wheel.writestr(f"{info}/RECORD", "".join([*record, f"{info}/RECORD,,\n"]))
    return path


@dataclass
class Box:
    """One machine: a prefix, and the manager that runs its service."""

    prefix: Path
    manager: ServiceManager

    @property
    def state(self) -> Path:
        return self.prefix / "var/lib/kuahu"

    @property
    def runs(self) -> str | None:
        """The version that runs, or None."""
        named = self.state / "runs"
        return named.read_text() if self.manager.active and named.exists() else None

    def write_site(self, more: str = "") -> None:
        site = self.prefix / "etc/kuahu/site.toml"
        site.parent.mkdir(parents=True, exist_ok=True)
        site.write_text(f'[site]\ncompound = "00112233"\nstate = "{self.state}"\n{more}', "utf-8")

    def install(self, archive: Path, *first: str) -> subprocess.CompletedProcess[str]:
        """Run the archive's installer with no network; `first` comes before all else on PATH."""
        return self._run([str(archive / "install.sh"), "--prefix", str(self.prefix)], first)

    def tool(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run kuahu-box."""
        return self._run([str(self.prefix / "usr/local/bin/kuahu-box"), *words], ())

    def current(self, link: str = "current") -> str:
        target = self.prefix / "opt/kuahu" / link
        return target.readlink().name.rpartition("-")[0] if target.is_symlink() else ""

    def _run(self, command: list[str], first: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        # The interpreter's own folder, not that of this environment, whose Python is a link to it.
        python = str(Path(sys.base_prefix) / "bin")
        path = [*first, str(self.manager.bin), python, "/usr/bin", "/bin"]
        return subprocess.run(
            [*_no_network(), *command],
            env={"PATH": os.pathsep.join(path), "PIP_INDEX_URL": "http://127.0.0.1:9/simple"},
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )


def _no_network() -> tuple[str, ...]:
    """Return the command that takes the network away, where this user may do that."""
    cut = ("unshare", "--map-current-user", "--net")
    try:
        allowed = subprocess.run([*cut, "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return ()
    return cut if allowed else ()
