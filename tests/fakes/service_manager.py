"""Does with one unit file what systemd does, for an installer that finds its `systemctl` on PATH.

It obeys Environment=, ExecStartPre=, ExecStart=, ExecStartPost=, READY=1, Restart=always and
RestartSec=, and outlives whoever asks. Of the hardening it obeys what
any user may ask of the kernel: NoNewPrivileges=, MemoryDenyWriteExecute=. It knows nothing of users
and time limits.
"""

import os
import queue
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SYSTEMCTL = """#!{python} -I
import socket, sys
with socket.socket(socket.AF_UNIX) as manager:
    manager.connect("{address}")
    manager.sendall("\\0".join(sys.argv[1:]).encode())
    manager.shutdown(socket.SHUT_WR)
    sys.exit(int(manager.recv(16)))
"""
# prctl(2): 38 is PR_SET_NO_NEW_PRIVS, 65 is PR_SET_MDWE, which kernels before 6.3 do not know.
_HARDENED = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
libc.prctl(65, 1, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
_PAUSE = 0.05
_PATIENCE = 30.0


class ServiceManager:
    """Keeps kuahu.service of one prefix as its unit file says."""

    def __init__(self, prefix: Path, folder: Path) -> None:
        self.unit = prefix / "etc/systemd/system/kuahu.service"
        self.bin = folder / "bin"
        self.enabled = False
        self.starts: list[bool] = []
        """Whether each start so far got ready."""
        self.said: list[tuple[float, str]] = []
        """What the service told, with CLOCK_MONOTONIC's seconds."""
        self.hook_path = os.environ["PATH"]
        """Where the commands before and after a start find their tools."""
        self._folder = folder
        self._wanted = False
        self._fallen: float | None = None
        self._main: subprocess.Popen[bytes] | None = None
        self._asked: queue.Queue[tuple[str, queue.Queue[int]]] = queue.Queue()
        self._ready = threading.Event()
        self._end = threading.Event()
        self._notes = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._door = socket.socket(socket.AF_UNIX)

    def open(self) -> None:
        self.bin.mkdir(parents=True)
        address = self._folder / "manager"
        command = self.bin / "systemctl"
        command.write_text(_SYSTEMCTL.format(python=sys.executable, address=address))
        command.chmod(0o755)
        self._door.bind(str(address))
        self._door.listen()
        self._notes.bind(str(self._folder / "notify"))
        for work in (self._hear, self._listen, self._turn):
            threading.Thread(target=work, daemon=True).start()

    def close(self) -> None:
        self.ask("stop")
        self._end.set()
        self._door.close()
        self._notes.close()

    def ask(self, word: str) -> int:
        """Do what `systemctl WORD kuahu.service` does; return its status."""
        answer: queue.Queue[int] = queue.Queue()
        self._asked.put((word, answer))
        return answer.get(timeout=4 * _PATIENCE)

    @property
    def active(self) -> bool:
        return self._main is not None and self._main.poll() is None and self._ready.is_set()

    @property
    def pid(self) -> int:
        """The service's main process."""
        assert self._main is not None
        return self._main.pid

    def told(self, note: str, since: float = 0.0) -> int:
        """Return how often the service told `note` since then."""
        return sum(1 for at, said in self.said if said == note and at >= since)

    def kill_main(self) -> None:
        if self._main is not None:
            self._main.kill()

    def _hear(self) -> None:
        with suppress(OSError):
            while True:
                note = self._notes.recv(4096).decode()
                self.said.append((time.monotonic(), note))
                if note == "READY=1":
                    self._ready.set()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._door.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # Whoever asked may be dead before the answer.
        with connection, suppress(OSError):
            words = connection.recv(4096).decode().split("\0")
            connection.sendall(str(self.ask(words[0])).encode())

    def _turn(self) -> None:
        while not self._end.is_set():
            try:
                word, answer = self._asked.get(timeout=_PAUSE)
            except queue.Empty:
                if self._wanted and (self._main is None or self._main.poll() is not None):
                    self._relaunch()
                continue
            answer.put(self._do(word))

    def _relaunch(self) -> None:
        now = time.monotonic()
        if self._fallen is None:
            self._fallen = now
        (pause,) = self._settings("RestartSec")
        if now - self._fallen >= float(pause):
            self._fallen = None
            self._launch()

    def _do(self, word: str) -> int:
        if word == "is-active":
            return 0 if self.active else 3
        if word == "enable":
            self.enabled = True
        if word in {"stop", "restart"} or (word == "start" and not self.active):
            self._wanted = word != "stop"
            self._fallen = None
            self._halt()
            return 0 if word == "stop" or self._launch() else 1
        return 0

    def _halt(self) -> None:
        if self._main is not None:
            self._main.terminate()
            try:
                self._main.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self._main.kill()
            # KillMode=mixed: what the main process left behind is ended.
            with suppress(ProcessLookupError):
                os.killpg(self._main.pid, signal.SIGKILL)
            self._main.wait()
        self._main = None
        self._ready.clear()

    def _launch(self) -> bool:
        self._halt()
        good = self._hook("ExecStartPre") and self._start() and self._hook("ExecStartPost")
        self.starts.append(good)
        if not good:
            self._halt()
        return good

    def _start(self) -> bool:
        (command,) = self._settings("ExecStart")
        hardened = [sys.executable, "-I", "-c", _HARDENED] if self._is_hardened() else []
        self._main = subprocess.Popen(
            [*hardened, *shlex.split(command)], env=self._environment(), start_new_session=True
        )
        for _ in range(round(_PATIENCE / _PAUSE)):
            if self._ready.wait(_PAUSE):
                return True
            if self._main.poll() is not None:
                return False
        return False

    def _hook(self, key: str) -> bool:
        environment = {**self._environment(), "PATH": self.hook_path}
        return all(
            subprocess.run(
                shlex.split(command.lstrip("+-!:@")),
                env=environment,
                check=False,
                start_new_session=True,
            ).returncode
            == 0
            for command in self._settings(key)
        )

    def _is_hardened(self) -> bool:
        asked = ("NoNewPrivileges", "MemoryDenyWriteExecute")
        return all(self._settings(key) == ["yes"] for key in asked)

    def _environment(self) -> dict[str, str]:
        named = [pair for line in self._settings("Environment") for pair in shlex.split(line)]
        return {
            "PATH": os.environ["PATH"],
            "NOTIFY_SOCKET": str(self._folder / "notify"),
            **dict(pair.split("=", 1) for pair in named),
        }

    def _settings(self, key: str) -> list[str]:
        lines = self.unit.read_text("utf-8").splitlines()
        return [line.split("=", 1)[1] for line in lines if line.startswith(f"{key}=")]


@contextmanager
def service_manager(prefix: Path, folder: Path) -> Iterator[ServiceManager]:
    manager = ServiceManager(prefix, folder)
    manager.open()
    try:
        yield manager
    finally:
        manager.close()
