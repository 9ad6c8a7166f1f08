"""Both catalogues of the centre hold every string that its pages use, and nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from jinja2.ext import babel_extract

from central.languages import LOCALE, Language, preferred, read_catalogue, read_words
from central.operator.accounts import Role
from central.passes.order import Rule
from central.resident.consent_text import digest_of, keys_of
from central.resident.consenting import VERSIONS
from central.resident.faces import FaceState
from central.resident.household import CHOSEN
from central.resident.order_form import OFFERED
from central.resident.photos import Stage, Unsent
from models.decision import Reason
from models.errors import ConfigError
from models.lane import Credential, Direction
from models.letter import PhotoAnswer
from models.registry import ResidentKind
from models.visit import PassKind

CENTRAL = LOCALE.parent
Key = tuple[str | None, str]

# What resident_photo.ts says by itself, and what a photo that was not taken is answered with.
PHOTO_SAID = ("small", "large", "dark", "bright", "blurred", "unreadable", "ready", "sending")
PHOTO_SENT = ("sent", "offline", "too_often")
VOCABULARIES: dict[str, tuple[str, ...]] = {
    "problem": ("400", "401", "403", "404", "405", "409", "413", "429", "503", "origin", "token"),
    "resident_kind": tuple(ResidentKind),
    "way": tuple(Credential),
    "way_short": CHOSEN,
    "face_state": tuple(FaceState),
    "withdraw": CHOSEN,
    "withdraw_button": CHOSEN,
    "consent_title": CHOSEN,
    "consent": tuple(key for way in CHOSEN for key in keys_of(way)),
    "photo": (*Stage, *PhotoAnswer),
    "photo_said": (*PHOTO_SAID, *PHOTO_SENT, *(set(Unsent) - {Unsent.SENT})),
    "pass_kind": tuple(PassKind),
    "pass_kind_for": OFFERED,
    "pass_example": OFFERED,
    "pass_state": ("live", "early", "inside", "used", "over", "revoked"),
    "pass_rule": tuple(Rule),
    "direction": tuple(Direction),
    "weekday": tuple("0123456"),
    "reason": tuple(Reason),
    "role": tuple(Role),
}


def _used() -> Iterator[Key]:
    for path in sorted((CENTRAL / "templates").rglob("*.html")):
        yield from _extracted("jinja2", path)
    for path in sorted(CENTRAL.rglob("*.py")):
        yield from _extracted("python", path)
    for context, words in VOCABULARIES.items():
        for word in words:
            yield context, str(word)


def _extracted(kind: str, path: Path) -> Iterator[Key]:
    method = babel_extract if kind == "jinja2" else "python"
    keywords = DEFAULT_KEYWORDS if kind == "jinja2" else {"text": None, "of": ((1, "c"), 2)}
    if kind == "python" and not _speaks(path):
        return
    with path.open("rb") as file:
        for found in extract(method, file, keywords, options={"trimmed": "true"}):
            _, message, _, context = found
            yield context, message[0] if isinstance(message, tuple) else message


def _speaks(path: Path) -> bool:
    """Return whether a program takes words from the catalogues; SQL has a `text` of its own."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return "sqlalchemy" not in modules or not any(
        alias.name == "text"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy"
        for alias in node.names
    )


def _said(catalogue: Catalog, key: Key) -> bool:
    message = catalogue.get(key[1], key[0])
    said = message.string if message else ""
    return all([said] if isinstance(said, str) else said)


@pytest.mark.parametrize("language", Language)
def test_every_string_has_words(language: Language) -> None:
    catalogue = read_catalogue(language)
    assert [key for key in _used() if not _said(catalogue, key)] == []


@pytest.mark.parametrize("language", Language)
def test_no_words_are_left_over(language: Language) -> None:
    used = set(_used())
    ids = [(each.context, each.id) for each in read_catalogue(language) if each.id]
    over = [(c, i) for c, i in ids if (c, i if isinstance(i, str) else i[0]) not in used]
    assert over == []


def test_extraction_sees_templates_and_programs() -> None:
    used = set(_used())
    assert (None, "To the start") in used
    assert ("problem", "origin") in used


def test_english_says_what_our_sources_say() -> None:
    odd = [
        each.id
        for each in read_catalogue(Language.EN)
        if each.context is None and each.id and each.id != each.string
    ]
    assert odd == []


def test_two_parts_may_not_say_one_thing_differently(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for language in Language:
        for part, said in (("one", "a"), ("two", "b")):
            text = f'msgid ""\nmsgstr ""\n\nmsgid "Name"\nmsgstr "{said}"\n'
            (tmp_path / f"{part}.{language}.po").write_text(text, encoding="utf-8")
    monkeypatch.setattr("central.languages.LOCALE", tmp_path)
    with pytest.raises(ConfigError, match="other words"):
        read_words()


def test_missing_words_are_said_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("central.languages.LOCALE", tmp_path)
    with pytest.raises(ConfigError, match="missing"):
        read_words()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", Language.ZH),
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.ZH),
        ("en-GB,en;q=0.9,zh;q=0.1", Language.EN),
        ("fr-FR,fr;q=0.9", Language.ZH),
        ("fr-FR, en;q=0.5", Language.EN),
        (";;;,,q=", Language.ZH),
    ],
)
def test_a_new_visitor_reads_chinese_unless_the_browser_asks_for_english(
    header: str, language: Language
) -> None:
    assert preferred(header) is language


# Of each version that was ever in force, what the page said, by language: never changed, added to.
_IN_FORCE = {
    ("face-1", "zh"): "ff6decde988043df275adfe1fdf47c9c2502379939a90df2d7838f41f0f1f016",
    ("face-1", "en"): "849c3c576023ba751ef061bbb15c79394497b3b73fda17829d6a33ca1b5e1c8b",
    ("plate-1", "zh"): "c1bf804bc708528e038327a7f8f504a91ddeac3924024dab77be2e485143df6e",
    ("plate-1", "en"): "47586bf6c18547d9cf77003702a791fe1f2ec4ff533c6ca932d756f8b98bc1ca",
    ("card-1", "zh"): "a054080cc78da634090d5ff3a0168e864869b6fb445362c688027da63c391911",
    ("card-1", "en"): "c679f40fc3de928681863494ec355853ed77bb45fa85e2e27cc47cbd3af1fa0b",
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("way", CHOSEN)
def test_a_text_of_consent_never_changes_under_its_version(
    way: Credential, language: Language
) -> None:
    words = read_words()[language]
    assert digest_of(words, way) == _IN_FORCE[VERSIONS[way], language.value]


def test_every_vocabulary_of_the_catalogues_is_checked() -> None:
    both = [each for language in Language for each in read_catalogue(language)]
    assert {each.context for each in both if each.context} <= {key for key, _ in _used() if key}


_DOC = Path(__file__).resolve().parents[2] / "docs" / "words.md"
_TABLES = {"Answers to a photo": "photo", "How entry by face stands": "face_state"}


@pytest.mark.parametrize(("title", "context"), _TABLES.items())
def test_the_catalogues_say_what_the_page_of_words_says(title: str, context: str) -> None:
    part = _DOC.read_text(encoding="utf-8").split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| `")]
    table = {cells[0].strip(" `"): tuple(cell.strip() for cell in cells[1:]) for cells in rows}
    words = read_words()
    said = {
        word: (words[Language.ZH].of(context, word), words[Language.EN].of(context, word))
        for word in map(str, VOCABULARIES[context])
    }
    assert table == said
