"""The words of the screens in Chinese and English, read from gettext catalogues at start."""

from collections.abc import Mapping
from enum import StrEnum
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

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
    return {language: Words(language, _read(language)) for language in Language}


def _read(language: Language) -> GNUTranslations:
    path = LOCALE / f"{language}.po"
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=str(language), abort_invalid=True)
    except (OSError, ValueError) as error:
        message = f"the words of the screens cannot be read from {path}: {error}; reinstall kuahu"
        raise ConfigError(message) from error
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
