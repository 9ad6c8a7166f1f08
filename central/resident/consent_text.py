"""The texts of consent, paragraph by paragraph; the words are in the catalogues, under `consent`.

A text in force is never changed: another text is another version (consenting.VERSIONS), and a test
holds each version to its digest.
"""

from hashlib import sha256
from types import MappingProxyType
from typing import Final

from central.languages import Words
from central.resident.consenting import VERSIONS
from models.lane import Credential

_PARTS: Final = MappingProxyType(
    {
        Credential.FACE: ("what", "why", "where", "how_long", "withdraw", "otherwise"),
        Credential.PLATE: ("what", "why", "where", "how_long", "withdraw", "otherwise"),
        Credential.CARD: ("what", "where", "how_long", "withdraw"),
    }
)


def keys_of(credential: Credential) -> tuple[str, ...]:
    """Return the catalogues' keys of the text in force for a way of entry, in order."""
    version = VERSIONS[credential]
    return tuple(f"{version} {part}" for part in _PARTS[credential])


def paragraphs(words: Words, credential: Credential) -> tuple[str, ...]:
    """Return the text in force, in the reader's language."""
    return tuple(words.of("consent", key) for key in keys_of(credential))


def digest_of(words: Words, credential: Credential) -> str:
    """Return what a version of a text is held to: SHA-256 of its paragraphs, in hex."""
    return sha256("\n".join(paragraphs(words, credential)).encode()).hexdigest()
