"""The words of the screens in Chinese and English, read from gettext catalogues at start.

Each language has one catalogue, `zh.po`, and one for each part of its own: `register.zh.po`.
"""

from collections.abc import Mapping
from enum import StrEnum
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from models.errors import ConfigError

LOCALE = Path(__file__).with_name("locale")


class Language(StrEnum):
    """The languages of the screens; the first is what a new visitor gets."""

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

    def knows(self, context: str, word: str) -> bool:
        """Return whether the vocabulary `context` has `word`."""
        return self.of(context, word) != word


def read_words() -> Mapping[Language, Words]:
    """Return every language's words.

    Raises ConfigError when a catalogue is missing or broken.
    """
    return {language: Words(language, _compiled(language)) for language in Language}


def read_catalogue(language: Language) -> Catalog:
    """Return the messages of all parts in one language.

    Raises ConfigError when a catalogue is missing or broken, or when two say one thing differently.
    """
    whole = _read(LOCALE / f"{language}.po", language)
    for path in sorted(LOCALE.glob(f"*.{language}.po")):
        for message in _read(path, language):
            known = whole.get(message.id, message.context) if message.id else None
            if known is not None and known.string != message.string:
                text = f"{path} says {message.id!r} in another way than {language}.po"
                raise ConfigError(text)
            if message.id and known is None:
                whole.add(message.id, message.string, context=message.context)
    return whole


def _read(path: Path, language: Language) -> Catalog:
    try:
        with path.open("rb") as file:
            return read_po(file, locale=str(language), abort_invalid=True)
    except (OSError, ValueError) as error:
        message = f"the words of the screens cannot be read from {path}: {error}; reinstall kuahu"
        raise ConfigError(message) from error


def _compiled(language: Language) -> GNUTranslations:
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)
