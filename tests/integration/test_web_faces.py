"""What the guard's page says and asks of faces: the model card, and "not this person"."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from config.model_card import model_card
from models.lane import Credential
from tests.fakes.core import Person
from tests.fakes.web_browser import PlainBrowser
from tests.fakes.web_eye import portrait
from tests.fakes.web_site import GUARD, PASSWORD, WebSite, served, wait_for

_NAMED = Person(Credential.FACE, "林晓", "3-1-502", portrait(150))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    with served(tmp_path_factory.mktemp("w")) as site:
        site.admit(GUARD, "guard")
        yield site


@pytest.fixture
def desk(site: WebSite) -> Iterator[PlainBrowser]:
    with PlainBrowser(site.url) as browser:
        browser.log_in(GUARD, PASSWORD)
        yield browser


def _row(desk: PlainBrowser, seq: int) -> str:
    """Return the row of the guard's page, once it is there."""
    found: list[str] = []

    def here() -> bool:
        _, sign, rest = desk.get("/").text.partition(f'data-seq="{seq}"')
        found[:] = [rest.partition("</tr>")[0]] if sign else []
        return bool(sign)

    wait_for(here)
    return found[0]


def test_a_guard_says_that_it_was_somebody_else(site: WebSite, desk: PlainBrowser) -> None:
    seq = site.core.see(1, _NAMED, "opened", "resident").seq
    assert 'hx-post="/not-that-person"' in _row(desk, seq)
    answer = desk.post("/not-that-person", {"seq": str(seq)})
    assert (answer.status_code, "已记下" in answer.text) == (200, True)
    assert site.core.mistakes == [(seq, GUARD)]
    assert "标记为不是此人" in _row(desk, seq + 1)


def test_a_guard_confirms_a_passage_of_somebody_who_agreed(
    site: WebSite, desk: PlainBrowser
) -> None:
    before = len(site.core.lessons)
    seq = site.core.see(1, replace(_NAMED, learns=True), "opened", "resident").seq
    assert 'hx-post="/that-person"' in _row(desk, seq)
    answer = desk.post("/that-person", {"seq": str(seq)})
    assert (answer.status_code, "已从这次通行中学习" in answer.text) == (200, True)
    assert site.core.lessons[before:] == [(seq, GUARD)]
    assert "确认是此人" in _row(desk, seq + 1)


def test_nobody_is_asked_to_confirm_whoever_did_not_agree(
    site: WebSite, desk: PlainBrowser
) -> None:
    seq = site.core.see(1, _NAMED, "opened", "resident").seq
    assert '"/that-person"' not in _row(desk, seq)
    answer = desk.post("/that-person", {"seq": str(seq)})
    assert (answer.status_code, "teaches nothing" in answer.text) == (409, True)


@pytest.mark.parametrize(
    ("person", "answer"),
    [
        (Person(Credential.FACE, crop=portrait(150)), "refused"),
        (Person(Credential.FACE, "林晓", "3-1-502"), "opened"),
        (Person(Credential.PASS, "访客", crop=portrait(150)), "opened"),
    ],
)
def test_a_row_without_a_named_face_and_its_picture_has_no_such_button(
    site: WebSite, desk: PlainBrowser, person: Person, answer: str
) -> None:
    seq = site.core.see(1, person, answer, "unknown_face").seq
    assert "not-that-person" not in _row(desk, seq)


def test_what_core_refuses_is_said_in_its_words(site: WebSite, desk: PlainBrowser) -> None:
    before = len(site.core.mistakes)
    answer = desk.post("/not-that-person", {"seq": "99999"})
    assert (answer.status_code, "names nobody by face" in answer.text) == (409, True)
    for seq in ("0", "x", str(2**53)):
        assert desk.post("/not-that-person", {"seq": seq}).status_code == 400
    assert len(site.core.mistakes) == before


def test_the_model_card_shows_every_rate_and_limit_in_both_languages(
    site: WebSite, desk: PlainBrowser
) -> None:
    card = model_card()
    assert 'href="/model-card"' in desk.get("/").text
    for language in ("zh", "en"):
        desk.post("/language", {"language": language, "back": "/model-card"})
        html = desk.get("/model-card").text
        for limit in card.limits:
            assert limit[language].split("'")[0] in html
        for rate in card.rates:
            assert f"{rate.value:.4f}" in html
            assert f"<td>{rate.n}</td>" in html
        for model in card.models:
            assert model.sha256 in html
        assert card.measured.isoformat() in html
        assert "yunet-sface" in html
    assert site.core.users[GUARD].role == "guard"
