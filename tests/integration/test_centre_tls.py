"""Claim and events go to the centre whose certificate is believed, and to no other."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge.clock import SystemClock
from edge.sync.centre import Centre
from edge.sync.road import Address, Road
from edge.sync.wire import Receipt
from models.errors import CentreFault
from tests.fakes.centre_admission import Held
from tests.fakes.centre_events import EDGE, chain


def certificate(folder: Path, name: str) -> Path:
    """Write a self-signed certificate for host `name` and its key; return the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = SystemClock().now().utc
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    page = folder / f"{name}.pem"
    page.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    page.with_suffix(".key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return page


@contextmanager
def sealed(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the URL of a server with this certificate, and the claims that it was shown."""
    claims: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            claims.append(self.headers["Authorization"])
            self.rfile.read(int(self.headers["Content-Length"]))
            said = b'{"safe": [], "quarantined": []}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(page, page.with_suffix(".key"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a refused handshake
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="sealed")
        thread.start()
        try:
            yield f"https://localhost:{server.server_port}", claims
        finally:
            server.shutdown()
            thread.join()


def test_a_believed_certificate_is_handed_the_events(tmp_path: Path) -> None:
    page = certificate(tmp_path, "localhost")
    with (
        sealed(page) as (url, claims),
        Centre(Road(Address(url, EDGE, page), lambda: 0.0), Held("token")) as centre,
    ):
        assert centre.hand_in(chain(1)) == Receipt(frozenset(), {})
        assert claims == ["Bearer token"]


@pytest.mark.parametrize("name", ["another-host", "localhost"])
def test_any_other_certificate_is_handed_nothing(tmp_path: Path, name: str) -> None:
    page = certificate(tmp_path, name)
    believed = page if name == "another-host" else None
    with (
        sealed(page) as (url, claims),
        Centre(Road(Address(url, EDGE, believed), lambda: 0.0), Held("token")) as centre,
    ):
        with pytest.raises(CentreFault, match="does not answer"):
            centre.hand_in(chain(1))
        assert claims == []
