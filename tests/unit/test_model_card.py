"""The model card says what the programs do, and its page in the documentation says the same."""

import re
from pathlib import Path

import pytest

from config.model_card import markdown, model_card
from config.weights import weight_files
from recognition.sface_people import IMPOSTORS, WEIGHTS
from recognition.yunet_sface import YuNetSFace

_DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_made_from_the_card() -> None:
    assert (_DOCS / "model-card.md").read_text("utf-8") == markdown(model_card())


def test_its_thresholds_are_those_of_the_engine() -> None:
    thresholds = model_card().thresholds
    assert [each.photos for each in thresholds] == [20, 250, 2000, 50_000]
    for each in thresholds:
        assert each.engine == "yunet-sface"
        assert each.score == pytest.approx(IMPOSTORS.threshold(each.photos), abs=6e-4)


def test_its_rates_are_of_the_engine_that_ships_and_within_their_bounds() -> None:
    rates = [each for each in model_card().rates if each.subject == "faces"]
    shipped = YuNetSFace(**weight_files("yunet-sface")).engine
    assert {each.engine for each in rates} == {shipped}
    for each in model_card().rates:
        assert 0 <= each.lo <= each.value <= each.hi <= 1
        assert each.n > 0


def test_it_names_every_file_of_weights_and_every_limit_in_both_languages() -> None:
    card = model_card()
    assert WEIGHTS in {model.sha256 for model in card.models}
    assert {model.engine for model in card.models} >= {"yunet-sface", "dlib"}
    assert len(card.limits) >= 4
    for limit in card.limits:
        assert set(limit) == {"zh", "en"}
        assert re.search("[一-鿿]", limit["zh"])
        assert limit["en"].isascii()
