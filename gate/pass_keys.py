"""The public keys that a compound's gates believe, as the one-page document an issuer exports."""

import json
from collections.abc import Iterable
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gate.passes import MAX_KID, PublicKey

_KEY_BYTES: Final = 32


def published(compound: str, keys: Iterable[tuple[int, PublicKey]]) -> str:
    """Return the document that `key_set` reads: JSON, sorted by kid, nothing secret in it."""
    rows = [
        {"kid": kid, "ed25519": key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()}
        for kid, key in sorted(keys, key=lambda row: row[0])
    ]
    return json.dumps({"compound": compound, "keys": rows}, indent=1) + "\n"


def key_set(document: str, compound: str) -> dict[int, PublicKey]:
    """Return public keys by kid from `document`, which must be for `compound` (8 hex digits).

    A desk's keys speak for their own compound only, so a document for another one is refused whole.
    Raises ValueError with a sentence for the installer where the document is not one.
    """
    try:
        page = json.loads(document)
    except (ValueError, RecursionError) as error:
        message = "the pass keys are not JSON; export them again from the issuer"
        raise ValueError(message) from error
    if not isinstance(page, dict) or page.keys() != {"compound", "keys"}:
        message = "the pass keys need exactly `compound` and `keys`; export them again"
        raise ValueError(message)
    if page["compound"] != compound:
        message = (
            f"the pass keys are for compound {page['compound']!r} and this is {compound!r}; "
            "export them from this compound's issuer"
        )
        raise ValueError(message)
    if not isinstance(page["keys"], list):
        message = "`keys` in the pass keys is not a list; export them again"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for an unusable document
    keys: dict[int, PublicKey] = {}
    for row in page["keys"]:
        kid, key = _row(row)
        if kid in keys:
            message = f"kid {kid} is in the pass keys twice; export them again"
            raise ValueError(message)
        keys[kid] = key
    return keys


def public_key(text: str) -> PublicKey | None:
    """Return the Ed25519 public key that 64 hex digits say, or None where they say none."""
    try:
        return PublicKey.from_public_bytes(bytes.fromhex(text))
    except ValueError:
        return None


def _row(row: object) -> tuple[int, PublicKey]:
    if isinstance(row, dict) and row.keys() == {"kid", "ed25519"}:
        kid, text = row["kid"], row["ed25519"]
        if type(kid) is int and 0 <= kid <= MAX_KID and isinstance(text, str):
            raw = bytes.fromhex(text)
            if len(raw) == _KEY_BYTES:
                return kid, PublicKey.from_public_bytes(raw)
    message = f"{row!r} is no pass key; a row is a kid of 0 to {MAX_KID} and 32 bytes in hex"
    raise ValueError(message)
