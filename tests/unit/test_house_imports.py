"""Each foreign library has few doors into the house, and every door has a reason."""

import ast
from functools import cache
from pathlib import Path

import pytest

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
)

# One adapter file each, so that the library is exchanged by writing one file.
_ONE_FILE = (
    "amqtt",
    "av",
    "base45",
    "cbor2",
    "dlib",
    "face_recognition",
    "gpiozero",
    "paho",
    "pyzbar",
    "zxingcpp",
)

# Where the wider libraries may be imported, as path beginnings, and why there.
_ALLOWED = {
    "argon2": {
        "edge/web/passwords.py": "passwords are hashed and checked for the page",
        "edge/commands/user.py": "the command line makes accounts while no page is up",
        "central/operator/passwords.py": "passwords are hashed and checked for the operator's page",
    },
    "prometheus_client": {
        "edge/web/metrics.py": "one registry for one answer",
        "edge/web/exposition.py": "what it tells, read from one snapshot",
    },
    "qrcode": {
        "edge/qr_image.py": "a desk's pass on a terminal, as PNG and as SVG",
        "central/passes/qr.py": "a resident's pass on a page, in a picture and on paper",
    },
    "uvicorn": {
        "edge/web/process.py": "serves the guard's page",
        "central/app.py": "serves the centre",
    },
    "cv2": {
        "recognition/": "engines look at pictures",
        "plates/": "engines look at pictures",
        "edge/cameras/": "a camera's bytes become a picture",
        "edge/demo/": "the demo draws what its cameras see",
        "edge/eval/": "labelled pictures and clips are looked at",
        "edge/vision": "the one process that holds pictures",
    },
    "numpy": {
        "recognition/": "embeddings are rows of numbers",
        "plates/": "readings are rows of numbers",
        "edge/cameras/": "frames are arrays",
        "edge/demo/": "frames are arrays",
        "edge/eval/": "frames and embeddings are arrays",
        "edge/vision": "frames are arrays",
    },
    "onnxruntime": {
        "plates/session.py": "plates are found and read",
        "recognition/": "a face's liveness is judged",
    },
    "sqlalchemy": {
        "edge/store/": "the one store",
        "central/": "the centre's store",
    },
    "alembic": {
        "edge/store/": "the store's schema",
        "central/": "the centre's schema",
    },
    "fastapi": {
        "edge/web/": "the guard's page",
        "central/": "the centre",
    },
    "cryptography": {
        "gate/pass": "the one codec that signs and reads passes, and its keys",
        "edge/store/": "personal parts are encrypted at rest",
        "edge/demo/lan.py": "the demo's centre has a certificate of its own in a local network",
        "edge/demo/phone.py": "the demo's phone seals a photo as a browser does",
        "central/sessions.py": "edges sign what the centre challenges them with",
    },
}
_WATCHED = sorted({*_ONE_FILE, *_ALLOWED})


@cache
def _importers() -> dict[str, set[str]]:
    """Return, for each foreign library, the files that import it at any depth."""
    importers: dict[str, set[str]] = {library: set() for library in _WATCHED}
    for package in _PACKAGES:
        for path in sorted((_ROOT / package).rglob("*.py")):
            for library in _imported(ast.parse(path.read_text(encoding="utf-8"))):
                if library in importers:
                    importers[library].add(path.relative_to(_ROOT).as_posix())
    return importers


def _imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
        elif isinstance(node, ast.Call) and _called(node) == "import_module":
            named = [each.value for each in node.args if isinstance(each, ast.Constant)]
            names |= {str(name).split(".")[0] for name in named}
    return names


def _called(call: ast.Call) -> str:
    """Return the last word of what is called."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


@pytest.mark.parametrize("library", _ONE_FILE)
def test_one_file_at_most_imports(library: str) -> None:
    assert len(_importers()[library]) <= 1


@pytest.mark.parametrize("library", sorted(_ALLOWED))
def test_only_files_with_a_reason_import(library: str) -> None:
    allowed = tuple(_ALLOWED[library])
    assert [path for path in sorted(_importers()[library]) if not path.startswith(allowed)] == []


def test_an_import_inside_a_function_counts() -> None:
    source = "def f():\n import paho.mqtt.client\n from cv2 import dnn\n import_module('av.codec')"
    assert _imported(ast.parse(source)) == {"paho", "cv2", "av"}
