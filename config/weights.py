"""Where the models' weights are: names and sha256 from weights.toml, in installed packages."""

import tomllib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path

from models.errors import RecogniserFault
from models.weights import WeightFile


def weight_files(engine: str) -> Mapping[str, WeightFile]:
    """Return the weights of `engine` by part (`detector`, `embedder`, ...), located, not yet read.

    The packages that carry them are looked up by their metadata and never imported. Raises
    RecogniserFault when the engine has no weights here, or its package is not installed.
    """
    table = tomllib.loads(files("config").joinpath("weights.toml").read_text(encoding="utf-8"))
    if engine not in table:
        message = f"there are no weights for {engine!r}; config/weights.toml has {', '.join(table)}"
        raise RecogniserFault(message, part="weights", advice="choose one of those engines")
    return {part: _locate(engine, entry) for part, entry in table[engine].items()}


def _locate(engine: str, entry: Mapping[str, str]) -> WeightFile:
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
