"""The grammar: GA 36's forms, what is refused on purpose, and other countries' files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.plate_engine import load_grammar
from models.errors import ConfigError
from models.plate import Ground, PlateKind
from plates.grammar import Grammar, grammar

_CN = load_grammar()
_OTHER = """
country = "XX"
separators = "-"
[classes]
letter = "AB"
digit = "01"
[[form]]
sequence = ["letter", "digit", "digit"]
"""


@pytest.mark.parametrize(
    ("text", "ground", "kind"),
    [
        ("京A12345", Ground.BLUE, PlateKind.ORDINARY),
        ("粤O9112X", Ground.UNSURE, PlateKind.ORDINARY),
        ("皖F71646", Ground.YELLOW, PlateKind.LARGE),
        ("京AD12345", Ground.GREEN, PlateKind.GREEN_SMALL),
        ("京AFZ2345", Ground.GREEN, PlateKind.GREEN_SMALL),
        ("京A12345D", Ground.GREEN, PlateKind.GREEN_LARGE),
        ("京A12345F", Ground.YELLOW, PlateKind.GREEN_LARGE),
        ("鄂F8888警", Ground.WHITE, PlateKind.POLICE),
        ("浙A1234学", Ground.YELLOW, PlateKind.LEARNER),
        ("鲁B1234挂", Ground.YELLOW, PlateKind.TRAILER),
        ("沪A0023领", Ground.BLACK, PlateKind.CONSULATE),
        ("使014578", Ground.BLACK, PlateKind.EMBASSY),
        ("粤ZF023港", Ground.BLACK, PlateKind.HONG_KONG),
        ("粤ZF023澳", Ground.UNSURE, PlateKind.MACAO),
    ],
)
def test_every_kind_is_known_by_form_and_ground(text: str, ground: Ground, kind: PlateKind) -> None:
    assert _CN.valid(text)
    assert _CN.kind(text, ground) is kind
    assert _CN.agrees(text, ground)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "京",
        "京A1234",
        "京A123456",
        "A京12345",
        "京I12345",
        "京A1234I",
        "京A1234O",
        "京1A2345",
        "京AD1234D",
        "京AL12345",
        "京IA12345",
        "京AD1234Z",
        "沪A0023港",
        "京Z1234澳",
        "使01457",
        "使A14578",
        "警A12345",
        "WJ京1234",
        "京A警1234",
        "VA12345",
        "京A12警45",
        "2024-05-",
    ],
)
def test_what_is_no_plate_of_mainland_china_is_refused(text: str) -> None:
    assert not _CN.valid(text)
    assert _CN.kind(text, Ground.UNSURE) is PlateKind.OTHER


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("京A12345", Ground.GREEN),
        ("京AD12345", Ground.BLUE),
        ("鄂F8888警", Ground.BLUE),
        ("沪A0023领", Ground.YELLOW),
        ("浙A1234学", Ground.BLUE),
    ],
)
def test_a_coloured_ground_contradicts_a_text_of_another_length_or_kind(
    text: str, ground: Ground
) -> None:
    assert not _CN.agrees(text, ground)


@pytest.mark.parametrize("ground", [Ground.WHITE, Ground.BLACK, Ground.UNSURE])
def test_a_ground_without_colour_contradicts_nothing_for_so_infrared_light_looks(
    ground: Ground,
) -> None:
    assert _CN.agrees("京A12345", ground)
    assert _CN.agrees("京AD12345", ground)


def test_separators_are_taken_away() -> None:
    assert _CN.bare("京A·12345") == _CN.bare("京A 12.34-5") == "京A12345"


@given(st.text(alphabet=sorted(_CN.symbols), max_size=9))
def test_a_text_is_valid_just_when_some_form_is_left_and_full(text: str) -> None:
    forms = _CN.every
    for place, symbol in enumerate(text):
        forms = _CN.onward(forms, place, symbol)
    full = any(forms >> n & 1 and len(form.places) == len(text) for n, form in enumerate(_CN.forms))
    assert full == _CN.valid(text)


def test_the_alphabet_is_that_of_plates() -> None:
    assert len(_CN.symbols) == len(set(_CN.symbols)) == 31 + 24 + 1 + 10 + 7
    assert set("IO") & set(_CN.symbols) == {"O"}


def test_another_country_is_a_file_away(tmp_path: Path) -> None:
    path = tmp_path / "xx.toml"
    path.write_text(_OTHER, "utf-8")
    other: Grammar = load_grammar(path)
    assert other.country == "XX"
    assert other.valid("A01")
    assert not other.valid("京A12345")
    assert other.bare("A-01") == "A01"
    assert other.kind("A01", Ground.UNSURE) is PlateKind.OTHER


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[classes]", "[klasses]"), "'classes'"),
        (('"letter", "digit"', '"letters", "digit"'), "'letters'"),
        (('sequence = ["letter", "digit", "digit"]', "sequence = []"), "empty place"),
        (('"AB"', '""'), "empty place or class"),
        (("[[form]]", '[[form]]\nkinds = { pink = "police" }'), "pink"),
        (("[[form]]", '[[form]]\notherwise = "tank"'), "tank"),
        (('country = "XX"', "country ="), "is not TOML"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    path = tmp_path / "xx.toml"
    path.write_text(_OTHER.replace(*change), "utf-8")
    with pytest.raises(ConfigError, match=said):
        load_grammar(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_grammar(tmp_path / "none.toml")


def test_a_table_without_forms_is_refused() -> None:
    with pytest.raises(ConfigError, match="no form"):
        grammar({"country": "XX", "classes": {}, "form": []})
