"""Files stay small and are called by their noun."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = (
    "central",
    "config",
    "edge",
    "gate",
    "models",
    "mqtt_bridge",
    "plates",
    "recognition",
    "tests",
)
_MOST_LINES = 350
_MOST_LINES_OF_A_TEST = 550  # a contract is one list, read from the top
_NO_NOUNS = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "base"}


def _sources() -> list[Path]:
    return [path for name in _PACKAGES for path in sorted((_ROOT / name).rglob("*.py"))]


def _most(path: Path) -> int:
    return _MOST_LINES_OF_A_TEST if path.name.startswith("test_") else _MOST_LINES


def test_every_python_file_fits_in_a_head() -> None:
    sources = _sources()
    assert len(sources) > 20
    long = {
        str(path.relative_to(_ROOT)): lines
        for path in sources
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > _most(path)
    }
    assert long == {}


def test_every_file_and_folder_has_a_noun_for_a_name() -> None:
    nameless = [
        str(path.relative_to(_ROOT))
        for path in _sources()
        if _NO_NOUNS & set(path.relative_to(_ROOT).with_suffix("").parts)
    ]
    assert nameless == []


def test_tests_are_no_package_and_their_names_are_unique() -> None:
    tests = _ROOT / "tests"
    assert list(tests.rglob("__init__.py")) == []
    names = [path.name for path in tests.rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
