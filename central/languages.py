"""The words of the centre's pages in Chinese and English, read from gettext catalogues at start.

Each part of the centre has a catalogue of its own for each language: `locale/resident.zh.po`.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from models.errors import ConfigError

LOCALE = Path(__file__).with_name("locale")


class Language(StrEnum):
    """The languages of the pages; the first is what a new visitor gets."""

    ZH = "zh"
    EN = "en"


class Words:
    """One language's words."""

    def __init__(self, language: Language, catalogue: GNUTranslations) -> None:
        self.language = language
        self.catalogue = catalogue

    def text(self, message: str) -> str:
        """Return `message`, written in English in our sources, in this language."""
        return self.catalogue.gettext(message)

    def of(self, context: str, word: str) -> str:
        """Return the plain words for `word` of the vocabulary `context`; itself where unknown."""
        return self.catalogue.pgettext(context, word)


def read_words() -> Mapping[Language, Words]:
    """Return every language's words, read once in a process.

    Raises ConfigError when a catalogue is missing or broken.
    """
    return _words_in(LOCALE)


@cache
def _words_in(_folder: Path) -> Mapping[Language, Words]:
    words = {each: Words(each, _compiled(read_catalogue(each))) for each in Language}
    return MappingProxyType(words)


def read_catalogue(language: Language) -> Catalog:
    """Return the messages of all parts in one language.

    Raises ConfigError when there are none, one is broken, or two parts say one thing differently.
    """
    whole = Catalog(locale=str(language))
    parts = sorted(LOCALE.glob(f"*.{language}.po"))
    if not parts:
        message = f"the words of the pages are missing from {LOCALE}; reinstall kuahu"
        raise ConfigError(message)
    for path in parts:
        for each in _read(path, language):
            if not each.id:
                continue
            known = whole.get(_key(each.id), each.context)
            if known is not None and known.string != each.string:
                message = f"{path}: {each.id!r} has other words in another part's catalogue"
                raise ConfigError(message)
            if known is None:
                whole.add(each.id, each.string, context=each.context)
    return whole


def preferred(accepted: str) -> Language:
    """Return the first of our languages that `accepted` (an Accept-Language header) names."""
    for each in accepted.split(","):
        start = each.strip()[:2].lower()
        if start in set(Language):
            return Language(start)
    return Language.ZH


def _key(identity: str | tuple[str, ...] | list[str]) -> str:
    return identity if isinstance(identity, str) else identity[0]


def _read(path: Path, language: Language) -> Catalog:
    try:
        with path.open("rb") as file:
            return read_po(file, locale=str(language), abort_invalid=True)
    except (OSError, ValueError) as error:
        message = f"the words of the pages cannot be read from {path}: {error}; reinstall kuahu"
        raise ConfigError(message) from error


def _compiled(catalogue: Catalog) -> GNUTranslations:
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
