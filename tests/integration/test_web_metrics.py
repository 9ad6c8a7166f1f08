"""/metrics as it is served: who may read it, and that it is what Prometheus reads."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from config.load import load
from edge import wire
from edge.ailment import Ailment
from edge.web.metrics import token_of
from models.errors import ConfigError
from tests.fakes.web_browser import PlainBrowser
from tests.fakes.web_site import PASSWORD, WebSite, served, site_settings, wait_for

TOKEN = "a-token-of-some-length"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    with served(tmp_path_factory.mktemp("w")) as site:
        site.admit("主任", "manager")
        yield site


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    settings = site_settings(metrics_token=TOKEN)
    with served(tmp_path_factory.mktemp("w"), settings) as site:
        yield site


def read(site: WebSite, **headers: str) -> httpx.Response:
    return httpx.get(
        f"{site.url}/metrics", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def values(text: str) -> dict[str, float]:
    return {
        f"{one.name}{sorted(one.labels.items())}": one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_a_program_on_this_machine_reads_what_prometheus_reads(site: WebSite) -> None:
    fault = wire.FaultLine("camera cam-1", "x", "y", "2026-11-21T17:00:00+00:00", "camera_black")
    site.core.change(faults=(fault,), backlog=7)
    wait_for(lambda: 'camera_black"} 1.0' in read(site).text)
    answer = read(site)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["cache-control"] == "no-store"
    told = values(answer.text)
    assert told["kuahu_outbox_events[]"] == 7
    assert told["kuahu_up[]"] == 1
    assert told["kuahu_barrier_state[('lane', '1'), ('state', 'closed')]"] == 1
    black = "kuahu_ailment[('part', 'camera cam-1'), ('state', 'camera_black')]"
    assert told[black] == 1
    assert told["kuahu_ailment[('part', ''), ('state', 'disk_full')]"] == 0
    named = {key.rpartition("'state', '")[2] for key in told if key.startswith("kuahu_ailment")}
    assert {word.strip("')]") for word in named} == {str(word) for word in Ailment}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cookie", "x=1"),
        ("origin", "http://127.0.0.1"),
        ("sec_fetch_site", "cross-site"),
        ("referer", "http://evil.example/"),
        ("x_forwarded_for", "192.0.2.7"),
        ("forwarded", "for=192.0.2.7"),
        ("via", "1.1 somewhere"),
        ("host", "evil.example"),
        ("host", "192.0.2.1:8443"),
        ("authorization", f"Bearer {TOKEN}"),
    ],
)
def test_no_browser_and_nothing_from_elsewhere_reads_it(
    site: WebSite, name: str, value: str
) -> None:
    answer = read(site, **{name: value})
    # A bearer that nobody asked for takes nothing away.
    assert answer.status_code == (200 if name == "authorization" else 401)


def test_a_manager_reads_it_and_nothing_of_it_is_kept(site: WebSite) -> None:
    with PlainBrowser(site.url) as browser:
        browser.get("/login")
        assert browser.get("/metrics").status_code == 401
        browser.log_in("主任", PASSWORD)
        assert "kuahu_up 1.0" in browser.get("/metrics").text


@pytest.mark.parametrize("given", ["", TOKEN, f"bearer {TOKEN}x", "Bearer", f"Basic {TOKEN}"])
def test_with_a_token_only_its_holder_reads_it(guarded: WebSite, given: str) -> None:
    assert read(guarded, authorization=given).status_code == 401
    assert read(guarded, authorization=f"Bearer {TOKEN}").status_code == 200


def test_while_core_is_away_that_is_what_it_says(site: WebSite) -> None:
    site.core.stop()
    wait_for(lambda: "kuahu_up 0.0" in read(site).text)
    told = values(read(site).text)
    assert told["kuahu_ailment[('part', 'core'), ('state', 'core_away')]"] == 1
    assert "kuahu_outbox_events[]" not in told
    site.core.start()
    wait_for(lambda: "kuahu_up 1.0" in read(site).text)


def test_a_short_token_is_refused_and_a_file_is_read_from_beside_the_site_file(
    tmp_path: Path,
) -> None:
    file = tmp_path / "site.toml"
    file.write_text('[site]\ncompound = "00112233"\n[web]\nmetrics_token = "short"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"web\.metrics_token"):
        load(file)
    named = '[site]\ncompound = "00112233"\n[web]\nmetrics_token_file = "metrics.token"\n'
    file.write_text(named, "utf-8")
    web = load(file).web
    assert web.metrics_token_file == tmp_path / "metrics.token"
    for text in ("", "short"):
        (tmp_path / "metrics.token").write_text(text, "ascii")
        with pytest.raises(ConfigError, match="openssl rand"):
            token_of(web)
    (tmp_path / "metrics.token").write_text(f"{TOKEN}\n", "ascii")
    assert token_of(web) == TOKEN
