"""A package mirror on loopback that serves one Python package and one npm package, both tiny."""

import base64
import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

WEIGHTS = "weights of a brick"
WHEEL = "tiny_brick-1.0-py3-none-any.whl"


def wheel() -> bytes:
    """Return a wheel of `tiny-brick` 1.0: one module, weights and its metadata."""
    info = "tiny_brick-1.0.dist-info"
    files = {
        "tiny_brick.py": "WORD = 'brick'\n",
        "tiny_brick/net.onnx": WEIGHTS,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tiny-brick\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return packed.getvalue()


def tarball() -> bytes:
    """Return an npm package `tiny-brick` 1.0.0: one module, weights and its description."""
    described = json.dumps({"name": "tiny-brick", "version": "1.0.0", "main": "index.js"})
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        files = {
            "package.json": described,
            "index.js": "module.exports = 'brick';",
            "far.onnx": WEIGHTS,
        }
        for name, text in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return packed.getvalue()


def integrity(content: bytes) -> str:
    """Return npm's name for this content (subresource integrity)."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


@dataclass
class Mirror:
    """A mirror that is being served, and what was asked of it so far."""

    url: str
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def fill(self) -> None:
        """Offer both packages."""
        brick, crate = wheel(), tarball()
        link = f"{self.url}/files/{WHEEL}#sha256={hashlib.sha256(brick).hexdigest()}"
        page = f'<!DOCTYPE html><html><body><a href="{link}">{WHEEL}</a></body></html>'
        version = {
            "name": "tiny-brick",
            "version": "1.0.0",
            "dist": {
                "tarball": f"{self.url}/npm/tiny-brick/-/tiny-brick-1.0.0.tgz",
                "integrity": integrity(crate),
            },
        }
        described = {
            "name": "tiny-brick",
            "dist-tags": {"latest": "1.0.0"},
            "versions": {"1.0.0": version},
        }
        self.files |= {
            "/simple/tiny-brick/": ("text/html", page.encode()),
            f"/files/{WHEEL}": ("application/octet-stream", brick),
            "/npm/tiny-brick": ("application/json", json.dumps(described).encode()),
            "/npm/tiny-brick/-/tiny-brick-1.0.0.tgz": ("application/octet-stream", crate),
        }


@contextmanager
def serving() -> Iterator[Mirror]:
    """Serve a mirror on a free port of loopback for as long as the block lasts."""
    mirror = Mirror("")

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self.wfile.write(self._answer())

        def _answer(self) -> bytes:
            mirror.asked.append(self.path)
            kind, content = mirror.files.get(self.path, ("text/plain", b""))
            self.send_response(200 if self.path in mirror.files else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            return content

        def log_message(self, *_: object) -> None:
            """Keep quiet; what was asked is in the list."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    mirror.url = f"http://127.0.0.1:{server.server_port}"
    mirror.fill()
    thread = Thread(target=server.serve_forever, name="mirror")
    thread.start()
    try:
        yield mirror
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
