"""The installer on a machine without network: install, upgrade, failing versions, and the way back.

Small versions stand in for the daemon; installer, kuahu-box, unit file and store are the real ones.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.clock import SystemClock
from edge.store.store import Store
from models.event import EventKind
from models.registry import Home, ResidentKind
from tests.fakes.box import Box, Version, archive, real_wheel
from tests.fakes.running_site import wait_until
from tests.fakes.service_manager import service_manager


class Archives:
    """Archives of small versions, each made once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._wheel = real_wheel(folder / "dist")
        self._made: dict[Version, Path] = {}

    def of(self, number: str, fault: str = "", raises: tuple[str, ...] = ()) -> Path:
        version = Version(number, fault, raises)
        if version not in self._made:
            folder = self._folder / f"{number}-{len(self._made)}"
            self._made[version] = archive(self._wheel, version, folder)
        return self._made[version]


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Archives:
    return Archives(tmp_path_factory.mktemp("archives"))


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose `laid/` keeps every release that a test laid: laying them takes the time."""
    return tmp_path_factory.mktemp("machine")


@pytest.fixture
def box(machine: Path, tmp_path: Path) -> Iterator[Box]:
    """A new machine, on which releases that another test laid are laid already."""
    prefix, laid = machine / "box", machine / "laid"
    releases = prefix / "opt/kuahu/releases"
    if laid.exists():
        _link_tree(laid, releases)
    with service_manager(prefix, tmp_path / "systemd") as manager:
        yield Box(prefix, manager)
    for release in releases.glob("*"):
        if (release / "complete").exists() and not (laid / release.name).exists():
            _link_tree(release, laid / release.name)
    shutil.rmtree(prefix)


def _link_tree(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, copy_function=os.link)


@pytest.fixture
def running(box: Box, archives: Archives) -> Box:
    """A box on which version 1.0 runs."""
    box.write_site()
    done = box.install(archives.of("1.0"))
    assert done.returncode == 0, done.stderr
    assert box.runs == "1.0"
    return box


def journal(box: Box) -> str:
    with closing(sqlite3.connect(box.state / "register.db")) as raw:
        return str(raw.execute("SELECT value FROM state WHERE name = 'journal'").fetchone()[0])


def starts(box: Box) -> int:
    with closing(sqlite3.connect(box.state / "register.db")) as raw:
        query = "SELECT count(*) FROM event WHERE kind = ?"
        return int(raw.execute(query, [EventKind.START.value]).fetchone()[0])


def test_a_new_machine_is_told_what_is_next_and_nothing_is_started(
    box: Box, archives: Archives
) -> None:
    done = box.install(archives.of("1.0"))

    assert done.returncode == 0, done.stderr
    assert "Next: write" in done.stderr
    assert (box.prefix / "etc/kuahu/site.example.toml").exists()
    assert box.manager.starts == []
    assert not box.manager.enabled


def test_an_upgrade_takes_the_stores_backup_first_and_keeps_the_journal_there_and_back(
    running: Box, archives: Archives
) -> None:
    before = journal(running)
    assert running.manager.enabled

    done = running.install(archives.of("1.1"))

    assert done.returncode == 0, done.stderr
    assert (running.runs, running.current("previous")) == ("1.1", "1.0")
    assert (journal(running), starts(running)) == (before, 2)
    (register,) = (running.state / "backup").glob("register-*.db")
    assert list((running.state / "keyring/backup").glob("keyring-*.db"))
    with closing(sqlite3.connect(register)) as raw:
        # All that 1.0 wrote is in it, and nothing of 1.1.
        kept = raw.execute("SELECT count(*) FROM event").fetchone()[0]
    assert kept >= 1
    with closing(sqlite3.connect(running.state / "register.db")) as raw:
        last = raw.execute("SELECT kind FROM event WHERE seq = ?", [kept + 1]).fetchone()[0]
    assert last == EventKind.START.value

    back = running.tool("downgrade")

    assert back.returncode == 0, back.stderr
    assert running.runs == "1.0"
    assert (journal(running), starts(running)) == (before, 3), "nothing is lost on the way back"


@pytest.mark.long
@pytest.mark.parametrize("fault", ["late", "start"])
def test_a_version_that_does_not_get_ready_gives_way_to_the_old_one(
    running: Box, archives: Archives, fault: str
) -> None:
    before = journal(running)

    done = running.install(archives.of("1.2", fault))

    assert done.returncode == 1
    assert "did not get ready" in done.stderr
    assert (running.runs, running.current()) == ("1.0", "1.0")
    assert journal(running) == before


@pytest.mark.long
def test_a_version_that_changed_the_schema_and_then_failed_leaves_the_old_one_its_state(
    running: Box, archives: Archives
) -> None:
    before = journal(running)

    done = running.install(archives.of("1.3", "late", ("register",)))

    assert done.returncode == 1
    assert "did not get ready" in done.stderr
    assert (running.runs, running.current()) == ("1.0", "1.0")
    assert journal(running) != before, "the centre must see that the journal was put back"
    assert list((running.state / "damaged").glob("*-newer-register/register.db"))
    assert starts(running) >= 2


def test_going_back_is_refused_in_words_and_done_with_the_backup(
    running: Box, archives: Archives
) -> None:
    resident = _add_resident(running)
    before = journal(running)
    newer = archives.of("2.0", "", ("register", "keyring"))
    assert running.install(newer).returncode == 0
    _forget(running, resident)

    refused = running.tool("downgrade")

    assert refused.returncode == 1
    assert "newer Kuahu" in refused.stderr
    assert "a backup that it knows was made" in refused.stderr
    assert "kuahu-box downgrade --with-backup" in refused.stderr
    assert running.runs == "2.0"

    done = running.tool("downgrade", "--with-backup")

    assert done.returncode == 0, done.stderr
    assert (running.runs, running.current("previous")) == ("1.0", "2.0")
    assert journal(running) != before, "the centre must see that the journal was put back"
    assert list((running.state / "damaged").glob("*-newer-register/register.db"))
    running.manager.ask("stop")
    with Store.open(running.state, SystemClock().now(), ballast=0) as store:
        assert store.residents() == (), "who was erased stays erased"


def _add_resident(box: Box) -> str:
    box.manager.ask("stop")
    now = SystemClock().now()
    with Store.open(box.state, now, ballast=0) as store:
        resident = store.add_resident("李雷", Home(3, 1, 502), ResidentKind.OWNER, None, now)
    box.manager.ask("start")
    return resident.resident_id


def _forget(box: Box, resident: str) -> None:
    """Erase someone by the newer version's own code, which alone can open its store."""
    box.manager.ask("stop")
    python = box.prefix / "opt/kuahu/current/bin/python"
    program = (
        "import sys; from pathlib import Path; from edge.clock import SystemClock;"
        "from edge.store.store import Store; now = SystemClock().now();"
        "store = Store.open(Path(sys.argv[1]), now, ballast=0);"
        "store.remove_resident(sys.argv[2], now); store.close()"
    )
    subprocess.run([python, "-I", "-c", program, box.state, resident], check=True)
    box.manager.ask("start")


def test_nobody_watching_a_failing_version_gives_way_after_two_starts(
    running: Box, archives: Archives, tmp_path: Path
) -> None:
    """The installer is killed at the restart; what then starts the service is the machine."""
    before = journal(running)
    killers = _killers(tmp_path, "systemctl restart")
    running.install(archives.of("1.3", "late", ("register",)), str(killers))
    assert (running.runs, running.current()) == ("1.0", "1.3")

    running.manager.kill_main()

    wait_until(lambda: running.runs == "1.0" and running.current() == "1.0", 60, "going back")
    assert running.manager.starts[1:3] == [False, False]
    assert journal(running) != before, "1.0 runs on the backup, for 1.3 had changed the schema"
    assert not (running.prefix / "opt/kuahu/trial").exists()


_TOOLS = ("cp", "flock", "ln", "mkdir", "mv", "rm", "sed", "sync", "systemctl")
_KILLER = """#!/bin/sh
# Ends whoever calls this tool, and all that started it, at one of its calls.
echo "{tool} $1" >>"{log}"
case "{tool} $1" in
    {at}) kill -9 0 ;;
esac
[ "$(wc -l <"{log}")" != {count} ] || kill -9 0
PATH=$(echo "$PATH" | sed "s|{folder}:||") exec {tool} "$@"
"""


def _killers(folder: Path, at: str = "never", count: int = 0) -> Path:
    """Return a folder for PATH whose tools kill their caller at a word or at a numbered call."""
    place = folder / f"killers-{at.replace(' ', '-')}-{count}"
    place.mkdir()
    for tool in _TOOLS:
        script = _KILLER.format(
            tool=tool, log=place / "log", at=f'"{at}"', count=count, folder=place
        )
        (place / tool).write_text(script.replace('| sed "', '| /usr/bin/sed "'))
        (place / tool).chmod(0o755)
    return place


def _calls(place: Path) -> int:
    log = place / "log"
    return len(log.read_text().splitlines()) if log.exists() else 0


def _is_whole(box: Box) -> None:
    """One of both versions runs, and is what the next start of the machine would start."""
    assert box.runs in {"1.0", "1.1"}
    box.manager.ask("restart")
    wait_until(lambda: box.runs is not None, 60, "a start after the cut")
    assert box.runs == box.current()


def test_an_installer_killed_before_the_restart_leaves_a_version_running_and_can_go_on(
    running: Box, archives: Archives, tmp_path: Path
) -> None:
    killed = running.install(archives.of("1.1"), str(_killers(tmp_path, "systemctl daemon-reload")))

    assert killed.returncode == -9
    assert running.runs == "1.0", "nothing has stopped what ran"
    _is_whole(running)
    again = running.install(archives.of("1.1"))
    assert again.returncode == 0, again.stderr
    assert running.runs == "1.1"


@pytest.mark.long
@pytest.mark.parametrize("whom", ["installer", "hooks"])
def test_a_cut_at_every_call_of_the_installer_and_of_the_hooks(
    running: Box, archives: Archives, tmp_path: Path, whom: str
) -> None:
    path = running.manager.hook_path
    numbers = {"1.0": archives.of("1.0"), "1.1": archives.of("1.1")}
    count, cut = 0, True
    while cut:
        count += 1
        target = "1.1" if running.runs == "1.0" else "1.0"
        killers = _killers(tmp_path, count=count)
        if whom == "hooks":
            running.manager.hook_path = f"{killers}:{path}"
            running.install(numbers[target])
        else:
            running.install(numbers[target], str(killers))
        running.manager.hook_path = path
        cut = _calls(killers) >= count
        wait_until(lambda: running.runs is not None, 60, f"a version after cut {count}")
        _is_whole(running)
        again = running.install(numbers[target])
        assert again.returncode == 0, f"cut {count}: {again.stderr}"
        assert running.runs == target
    assert count > 10
