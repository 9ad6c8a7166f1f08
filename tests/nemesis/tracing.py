"""strace as a nemesis: failing calls, slow ones, a kill at the Nth, and a record of every write."""

import shutil
import subprocess

import pytest

STRACE = shutil.which("strace") or ""


def _works() -> bool:
    if not STRACE:
        return False
    probe = subprocess.run([STRACE, "-qq", "-o", "/dev/null", "true"], check=False)
    return probe.returncode == 0


needs_strace = pytest.mark.skipif(
    not _works(), reason="strace is not installed (apt install strace) or may not trace here"
)


def injecting(calls: str, how: str) -> list[str]:
    """Return what to put before a command so that its system calls go wrong; see strace(1).

    `-D` keeps the command the child that the test started, so that signals reach it. Without
    `--seccomp-bpf`, under which strace 6.1 injects no signal.
    """
    quiet = [STRACE, "-D", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}"]
    return [*quiet, "-e", f"inject={calls}:{how}"]


RECORDED = "pwrite64,fdatasync,fsync,ftruncate,unlink,openat,sendto"


def recording(trace: str) -> list[str]:
    """Return what to put before a command so that `trace` gets its writes, syncs and messages.

    The record is whole once it says `PID +++ exited`.
    """
    shape = [STRACE, "-D", "-f", "-q", "-yy", "-xx", "-s", "70000", "--seccomp-bpf"]
    return [*shape, "-o", trace, "-e", f"trace={RECORDED}"]
