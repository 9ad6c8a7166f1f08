"""Both catalogues of the centre hold every string that its pages use, and nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from jinja2.ext import babel_extract

from central.languages import LOCALE, Language, preferred, read_catalogue, read_words
from models.errors import ConfigError

CENTRAL = LOCALE.parent
Key = tuple[str | None, str]

VOCABULARIES: dict[str, tuple[str, ...]] = {
    "problem": ("400", "401", "403", "404", "405", "409", "413", "429", "503", "origin", "token"),
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
