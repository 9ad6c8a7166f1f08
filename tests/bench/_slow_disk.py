"""The same bench once more on a slower disk: strace delays every fdatasync and fsync by 4 ms."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DELAY_MS = 4
_CALLS = "fdatasync,fsync"
_CODE = "from importlib import import_module as load; load('{}').slow('at_{}ms', '{} ms slower')"


def known_to_strace() -> None:
    """Make one delayed call, in each thread that a bench starts and before it measures.

    Until a thread's first such call strace stops it at every system call it makes, each lock among
    them: 20 to 70 us a call that no slow disk costs (strace 6.1; a bare thread measured with it).
    """
    with tempfile.TemporaryFile() as file:
        os.fdatasync(file.fileno())


def again_on_a_slow_disk(module: str) -> None:
    """Run `module.slow(name, words)` in a process whose disk is slow; its rows are printed here.

    Without strace nothing is run, and standard error says so.
    """
    strace = shutil.which("strace")
    if strace is None:
        sys.stderr.write("  no strace here: the rows of a slower disk are left out\n")
        return
    inject = f"inject={_CALLS}:delay_enter={DELAY_MS}ms"
    code = _CODE.format(module, DELAY_MS, DELAY_MS)
    command = [strace, "-f", "-qqq", "--seccomp-bpf", "-o", "/dev/null", "-e", f"trace={_CALLS}"]
    # What was printed so far must stand before what the other process prints.
    sys.stdout.flush()
    subprocess.run(
        [*command, "-e", inject, sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        check=True,
    )
