"""Events and the claim travel to the right place, sealed."""

from pathlib import Path

import pytest

from edge.sync.centre import Address, Centre
from models.errors import ConfigError


@pytest.mark.parametrize(
    "url",
    [
        "",
        "centre.example.org",
        "http://centre.example.org",
        "http://192.168.1.5:8090",
        "http://localhost.example.org",
        "ftp://127.0.0.1",
        "https://",
        "https://user:secret@centre.example.org",
        "https://centre.example.org:port",
    ],
)
def test_an_address_that_is_not_sealed_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="https://") as caught:
        Centre(Address(url, "a claim", "edge"), lambda: 0.0)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://centre.example.org",
        "https://centre.example.org/kuahu/",
        "http://127.0.0.1:8090",
        "http://[::1]:8090",
        "http://localhost:8090",
    ],
)
def test_https_and_this_machine_are_addresses(url: str) -> None:
    with Centre(Address(url, "a claim", "edge"), lambda: 0.0) as centre:
        assert centre is not None


def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for content in (None, "no certificate"):
        page = tmp_path / "authority.pem"
        if content is not None:
            page.write_text(content)
        with pytest.raises(ConfigError, match=r"authority\.pem"):
            Centre(Address("https://c.example.org", "a claim", "edge", page), lambda: 0.0)


def test_an_address_never_prints_its_claim() -> None:
    assert "a claim" not in repr(Address("https://c.example.org", "a claim", "edge"))
