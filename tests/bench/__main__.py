"""Runs benches one after another: `python -m tests.bench [NAME] [--html FILE]`, for example P6.

A bench is a file `<name>_<what>.py` beside this one whose `main()` prints JSON objects, one a line
(see _row.py). Each runs in a process of its own with one thread for every numeric library.
Standard output holds those lines and nothing else; how it goes and the absolute figures go to
standard error. `--html` also writes a page that shows every block.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.bench._page import page
from tests.bench._row import KEYS

_HERE = Path(__file__).parent
_CALL = "from importlib import import_module as load; load('tests.bench.{}').main()"
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"), "1"
)

Said = dict[str, object]


def main(arguments: list[str]) -> int:
    """Return 0 when at least one bench ran and all of them printed what they should."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("name", nargs="?", default="", help="one bench, such as P6; all without")
    parser.add_argument("--html", type=Path, help="also write a page with plots to this file")
    wanted = parser.parse_args(arguments)
    name = wanted.name.lower()
    benches = [path for path in sorted(_HERE.glob("*.py")) if _chosen(path.stem, name)]
    if not benches:
        sys.stderr.write(f"no bench is called {name!r}; there are: {', '.join(_names())}\n")
        return 2
    rows: list[Said] = []
    status = max([_run(path.stem, rows) for path in benches])
    if wanted.html is not None:
        wanted.html.write_text(page(rows, _machine()), "utf-8")
    return status


def _chosen(stem: str, name: str) -> bool:
    if stem.startswith("_"):
        return False
    return not name or stem == name or stem.startswith(f"{name}_")


def _names() -> list[str]:
    return sorted({path.stem.split("_")[0] for path in _HERE.glob("[!_]*.py")})


def _run(stem: str, rows: list[Said]) -> int:
    sys.stderr.write(f"bench {stem} ({_machine()})\n")
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", _CALL.format(stem)],
        cwd=_HERE.parents[1],
        env={**os.environ, **_ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdout is None:
        return 1
    wrong = 0
    for line in process.stdout:
        row = row_of(line)
        if row is None:
            sys.stderr.write(f"bench {stem} printed what is no row: {line}")
            wrong = 1
            continue
        rows.append(row)
        sys.stdout.write(json.dumps({key: row[key] for key in KEYS}, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        sys.stderr.write(f"  {row['name']}: {_figures(row)}\n")
    status = process.wait()
    sys.stderr.write(f"bench {stem} took {time.monotonic() - begun:.0f} s ({_machine()})\n")
    return status or wrong


def row_of(line: str) -> Said | None:
    """Return the row that a line holds, or None when it holds none."""
    try:
        said = json.loads(line)
    except ValueError:
        return None
    if not isinstance(said, dict) or set(said) != {*KEYS, "blocks"}:
        return None
    return said


def _figures(row: Said) -> str:
    blocks = row["blocks"]
    assert isinstance(blocks, dict)
    middle = {side: _middle(blocks[side]) for side in ("ours", "theirs")}
    against = f" against {middle['theirs']}" if blocks["theirs"] else ""
    held = "held" if row["ok"] else "MISSED"
    asked = "no goal" if row["goal"] is None else f"goal {row['op']} {row['goal']}: {held}"
    return f"{middle['ours']}{against} {blocks['of']}, ratio {row['ratio']} ({asked})"


def _middle(values: list[float]) -> str:
    return f"{sorted(values)[len(values) // 2]:.4g}" if values else "-"


def _machine() -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"load {load} on {os.cpu_count()} processors"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
