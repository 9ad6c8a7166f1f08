"""Where the models' weights are: names and sha256 from weights.toml, in packages or in a folder."""

import os
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path
from typing import Any

from models.errors import RecogniserFault
from models.weights import WeightFile

VARIABLE = "KUAHU_WEIGHTS"
"""The environment variable that names the weights folder, before any setting."""


def weight_files(engine: str, folder: Path | None = None) -> Mapping[str, WeightFile]:
    """Return the weights of `engine` by part (`detector`, `embedder`, ...), located, not yet read.

    The packages that carry them are looked up by their metadata and never imported. Those that are
    unpacked instead lie in the weights folder: `KUAHU_WEIGHTS`, else `folder` (the site file's
    `[recognition] weights`), else `weights/` of a checkout, else `share/kuahu/weights` of the
    installation. Raises RecogniserFault when the engine has no weights here, its package is not
    installed, or its file is not in that folder.
    """
    table = tomllib.loads(files("config").joinpath("weights.toml").read_text(encoding="utf-8"))
    if engine not in table:
        message = f"there are no weights for {engine!r}; config/weights.toml has {', '.join(table)}"
        raise RecogniserFault(message, part="weights", advice="choose one of those engines")
    parts = table[engine].items()
    return {
        part: _unpacked(engine, entry, weights_folder(folder))
        if entry.get("unpacked")
        else _installed(engine, entry)
        for part, entry in parts
    }


def weights_folder(folder: Path | None = None) -> Path:
    """Return the folder of unpacked weights, which may not exist (see weight_files)."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    if folder is not None:
        return folder
    checkout = Path(str(files("config"))).parent
    if (checkout / "pyproject.toml").is_file():
        return checkout / "weights"
    return Path(sys.prefix) / "share" / "kuahu" / "weights"


def _unpacked(engine: str, entry: Mapping[str, Any], folder: Path) -> WeightFile:
    path = folder / Path(entry["file"]).name
    source = f"{entry['package']} {entry['version']}"
    if not path.is_file():
        advice = f"run ./setup, which unpacks {source}, or name the folder by {VARIABLE}"
        message = (
            f"the weights {path.name} of {engine} are missing in {folder}; "
            f"expected sha256 {entry['sha256']}; {advice}"
        )
        raise RecogniserFault(message, part="weights", advice=advice)
    return WeightFile(path=path, sha256=entry["sha256"], source=source)


def _installed(engine: str, entry: Mapping[str, Any]) -> WeightFile:
    package = entry["package"]
    try:
        found = distribution(package)
    except PackageNotFoundError as error:
        advice = f"install {package} (uv sync, with the extra that docs/recognition.md names)"
        message = (
            f"the weights {entry['file']} of {engine} are missing: they come with {package}, "
            f"which is not installed; expected sha256 {entry['sha256']}; {advice}"
        )
        raise RecogniserFault(message, part="weights", advice=advice) from error
    return WeightFile(
        path=Path(str(found.locate_file(entry["file"]))),
        sha256=entry["sha256"],
        source=f"{package} {found.version}",
    )
