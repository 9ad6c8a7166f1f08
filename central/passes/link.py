"""The link of a pass: 128 bits that nobody can guess and that the database does not hold. Pure.

It is derived of the pass's id with the centre's secret, so that the host can share it again; what
is stored is its digest, so that a copy of the database opens no page.
"""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

from central.passes.secret import Secret

_BYTES: Final = 16
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22}")


def link_token(secret: Secret, compound: str, pass_id: str) -> str:
    """Return the 22 letters that open the page of one pass."""
    raw = secret.derive("pass link", compound, pass_id)[:_BYTES]
    return urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def link_path(token: str) -> str:
    """Return the path of the page on the centre."""
    return f"/p/{token}"


def link_digest(token: str) -> str | None:
    """Return what the database knows a link by, in hex; None where `token` can be no link."""
    if not _TOKEN.fullmatch(token):
        return None
    return sha256(f"kuahu pass link {token}".encode()).hexdigest()
