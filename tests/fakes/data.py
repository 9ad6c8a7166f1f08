"""Where the evaluation pictures are, if they are anywhere."""

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]


def data() -> Path | None:
    """Return the evaluation folder, KUAHU_DATA or else ../shared/data; None where neither is."""
    named = os.environ.get("KUAHU_DATA")
    folder = Path(named) if named else _ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


def need(part: str) -> Path:
    """Return one folder of the evaluation data, or skip the test and say what it went without."""
    folder = data()
    if folder is None or not (folder / part).is_dir():
        pytest.skip(f"no evaluation data: neither KUAHU_DATA nor ../shared/data holds {part}/")
    return folder / part
