"""The web process: its address, its proof of life, HTTPS."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge.web.process import run
from models.errors import ConfigError
from models.lane import Credential
from tests.fakes.core import Person
from tests.fakes.web_browser import PlainBrowser
from tests.fakes.web_eye import portrait
from tests.fakes.web_site import (
    GUARD,
    PASSWORD,
    WebSite,
    served,
    site_settings,
)

STRANGER = Person(Credential.FACE, crop=portrait(150))
OPEN = {"lane": "1", "direction": "entry", "why": "delivery", "note": " 顺丰 ", "answers": ""}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebSite]:
    with served(tmp_path) as site:
        yield site


def test_a_port_that_is_taken_is_named(site: WebSite, tmp_path: Path) -> None:
    port = int(site.url.rpartition(":")[2])
    with pytest.raises(ConfigError, match=str(port)):
        run(site_settings(port=port), tmp_path, threading.Event())


def test_the_loop_proves_that_it_turns(tmp_path: Path) -> None:
    stop, beats = threading.Event(), []

    def beat() -> None:
        beats.append(1)
        if len(beats) >= 5:
            stop.set()

    thread = threading.Thread(target=run, args=(site_settings(), tmp_path, stop, beat))
    thread.start()
    thread.join(60)
    assert len(beats) >= 5
    assert not (tmp_path / "web.port").exists()


def _idle(site: WebSite, many: int, said: bytes) -> Iterator[socket.socket]:
    port = int(site.url.rpartition(":")[2])
    for _ in range(many):
        connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        connection.sendall(said)
        yield connection


@pytest.mark.parametrize("secure", [False, True])
def test_idle_connections_lock_nobody_out(tmp_path: Path, secure: bool) -> None:
    settings = site_settings()
    if secure:
        certificate, key = _certificate(tmp_path)
        settings = site_settings(certificate=certificate, key=key)
    with served(tmp_path, settings) as site, contextlib.ExitStack() as idle:
        site.admit(GUARD, "guard")
        for connection in _idle(site, 300, b"" if secure else b"GET / HT"):
            idle.callback(connection.close)
        with PlainBrowser(site.url) as browser:
            assert browser.log_in(GUARD, PASSWORD).headers["location"] == "/"
            assert browser.post("/open", OPEN).status_code == 200


def test_an_idle_connection_is_closed_and_a_stream_is_not(site: WebSite) -> None:
    site.admit(GUARD, "guard")
    with PlainBrowser(site.url) as browser:
        browser.log_in(GUARD, PASSWORD)
        with browser.http.stream("GET", "/events") as stream:
            said = stream.iter_text()
            assert "event: " in next(said)
            (connection,) = _idle(site, 1, b"GET / HT")
            with connection:
                assert connection.recv(1) == b""
            site.core.see(1, STRANGER, "refused", "unknown_face")
            assert any('id="row-1f0c5a8e-1"' in text for text in said)


def test_over_https_cookies_are_bound_to_the_host(tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path)
    with served(tmp_path, site_settings(certificate=certificate, key=key)) as site:
        site.admit(GUARD, "guard")
        with PlainBrowser(site.url) as browser:
            answer = browser.log_in(GUARD, PASSWORD)
            assert browser.get("/").status_code == 200
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-kuahu-desk=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "strict-transport-security" in answer.headers


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate of our own for this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    paths = folder / "site.pem", folder / "site.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
