"""Runs benches one after another: `python -m tests.bench [NAME]`, for example P6.

A bench is a file `<name>_<what>.py` beside this one whose `main()` prints JSON objects, one a line.
Each runs in a process of its own. Standard output holds those lines and nothing else.
"""

import json
import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_CALL = "from importlib import import_module as load; load('tests.bench.{}').main()"


def main(arguments: list[str]) -> int:
    """Return 0 when at least one bench ran and all of them printed what they should."""
    name = arguments[0].lower() if arguments else ""
    benches = [path for path in sorted(_HERE.glob("*.py")) if _chosen(path.stem, name)]
    if not benches:
        sys.stderr.write(f"no bench is called {name!r}; there are: {', '.join(_names())}\n")
        return 2
    return max([_run(path.stem) for path in benches])


def _chosen(stem: str, name: str) -> bool:
    return not stem.startswith("_") and (not name or stem == name or stem.startswith(f"{name}_"))


def _names() -> list[str]:
    return sorted({path.stem.split("_")[0] for path in _HERE.glob("[!_]*.py")})


def _run(stem: str) -> int:
    sys.stderr.write(f"bench {stem}\n")
    process = subprocess.Popen(
        [sys.executable, "-c", _CALL.format(stem)],
        cwd=_HERE.parents[1],
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdout is None:
        return 1
    wrong = 0
    for line in process.stdout:
        if _is_object(line):
            sys.stdout.write(line)
            sys.stdout.flush()
        else:
            sys.stderr.write(f"bench {stem} printed what is no JSON object: {line}")
            wrong = 1
    return process.wait() or wrong


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
