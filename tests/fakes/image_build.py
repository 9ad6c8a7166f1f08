"""Does the steps of a Dockerfile one by one in a folder: the image's absolute paths lie under it.

It knows FROM, WORKDIR, ENV, COPY and RUN, as far as our Dockerfile uses them, and stops with the
step that fails. Commands run as they are, but the image's own paths are moved under the folder.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """One instruction, its line continuations joined."""

    word: str
    rest: str


def steps(dockerfile: Path) -> list[Step]:
    """Return the instructions of a Dockerfile in order."""
    lines = [line for line in dockerfile.read_text("utf-8").splitlines()
             if line.strip() and not line.lstrip().startswith("#")]  # fmt: skip
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Step(*line.split(None, 1)) for line in joined.splitlines()]


def stages(all_steps: list[Step]) -> dict[str, list[Step]]:
    """Return the steps of each stage by its name."""
    found: dict[str, list[Step]] = {}
    for step in all_steps:
        if step.word == "FROM":
            name = step.rest.split(" AS ")[1]
            found[name] = []
        elif found:
            found[name].append(step)
    return found


_NOT_SENT = shutil.ignore_patterns("__pycache__", "node_modules", "built")
"""What .dockerignore keeps from the engine inside the folders that it sends."""


@dataclass
class Stage:
    """One stage being built: `root` stands for the image's `/`."""

    root: Path
    context: Path
    others: dict[str, "Stage"]
    moved: tuple[str, ...] = ("/src", "/opt/kuahu", "/tools", "/var/lib", "/usr/lib/kuahu")
    folder: str = "/"
    environment: dict[str, str] = field(default_factory=dict)

    def at(self, path: str) -> Path:
        return self.root / os.path.normpath(f"{self.folder}/{path}" if path[0] != "/" else path)[1:]

    def do(self, step: Step) -> None:
        match step.word:
            case "WORKDIR":
                self.folder = step.rest
                self.at("/.").joinpath(step.rest[1:]).mkdir(parents=True, exist_ok=True)
            case "ENV":
                self.environment |= dict(pair.split("=", 1) for pair in step.rest.split())
            case "COPY":
                self._copy(step.rest.split())
            case "RUN":
                self._run(step.rest)

    def _copy(self, words: list[str]) -> None:
        base = self.context
        if words[0].startswith("--from="):
            base = self.others[words.pop(0).removeprefix("--from=")].root
        *sources, target = words
        for source in sources:
            origin = base / source.lstrip("/")
            if origin.is_dir():
                shutil.copytree(origin, self.at(target), dirs_exist_ok=True, symlinks=True,
                                ignore=_NOT_SENT if base == self.context else None)  # fmt: skip
            else:
                place = self.at(target)
                place = place / origin.name if target.endswith("/") else place
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(origin, place)

    def _run(self, command: str) -> None:
        for path in self.moved:
            command = re.sub(rf"(?<![\w/.]){path}(?=[/\s]|$)", f"{self.root}{path}", command)
        kept = ("PATH", "HOME", "LANG", "UV_DEFAULT_INDEX", "PIP_INDEX_URL", "SSL_CERT_FILE")
        outside = {key: os.environ[key] for key in kept if key in os.environ}
        done = subprocess.run(
            ["sh", "-ec", command],
            cwd=self.at(self.folder),
            env={**outside, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"RUN {command}\n{done.stdout}\n{done.stderr}"
