"""Events and credentials travel to the right place, sealed."""

from pathlib import Path

import pytest

from edge.sync.road import Address, Road
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
        Road(Address(url, "edge"), lambda: 0.0)
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
    with Road(Address(url, "edge"), lambda: 0.0) as road:
        assert road.edge == "edge"


def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for content in (None, "no certificate"):
        page = tmp_path / "authority.pem"
        if content is not None:
            page.write_text(content)
        with pytest.raises(ConfigError, match=r"authority\.pem"):
            Road(Address("https://c.example.org", "edge", page), lambda: 0.0)
