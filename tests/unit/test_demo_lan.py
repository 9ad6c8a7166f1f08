"""A real phone finds the demo's centre under a certificate that fits its address."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from cryptography import x509

from edge.demo import lan
from edge.qr_image import address_terminal
from models.errors import InputError
from recognition.zxing_codes import ZxingCodes

_NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_on_loopback_there_is_no_certificate(tmp_path: Path) -> None:
    here = lan.front(8000, tmp_path, _NOW, lan=False)
    assert (here.url, here.certificate, list(tmp_path.iterdir())) == (
        "http://127.0.0.1:8000",
        None,
        [],
    )


def test_in_the_network_the_certificate_names_the_address_and_its_key_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lan, "address", lambda: "192.0.2.7")
    here = lan.front(8000, tmp_path, _NOW, lan=True)
    assert here.url == "https://192.0.2.7:8000"
    assert here.certificate
    assert here.key
    assert here.key.stat().st_mode & 0o777 == 0o600
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(here.certificate, here.key)
    made = x509.load_pem_x509_certificate(here.certificate.read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == [
        "192.0.2.7",
        "127.0.0.1",
    ]


def test_the_terminal_shows_an_address_that_a_phone_reads() -> None:
    address = "https://192.0.2.7:8000/home/claim#code=ABCDE-FGHJK"
    lines = address_terminal(address).splitlines()
    halves = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
    rows = [[halves[one][half] for one in line] for line in lines for half in (0, 1)]
    grey = np.repeat(np.repeat(np.array(rows, np.uint8) * 255, 8, axis=0), 8, axis=1)
    (code,) = ZxingCodes().read(np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8))
    assert code.text == address


def test_an_address_too_long_for_a_code_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="too long"):
        address_terminal("https://" + "x" * 3000)
