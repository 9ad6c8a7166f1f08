"""The public keys of passes, read again when their file changes."""

import logging
from collections.abc import Mapping
from pathlib import Path

from edge.issuer.client import load_keys
from gate.passes import PublicKey
from models.errors import ConfigError

_log = logging.getLogger("kuahu.core")


class PassKeys:
    """The keys that the gates of one compound believe."""

    def __init__(self, page: Path, compound: str) -> None:
        self._page = page
        self._compound = compound
        self._stamp = 0
        self._keys: Mapping[int, PublicKey] = {}

    def __call__(self) -> Mapping[int, PublicKey]:
        """Return the keys by kid; those believed before where the file has become unreadable."""
        try:
            stamp = self._page.stat().st_mtime_ns
        except OSError:
            return self._keys
        if stamp != self._stamp:
            try:
                self._keys = load_keys(self._page, self._compound)
            except ConfigError as error:
                _log.error("the pass keys are not changed: %s", error)
            # Last: another lane that saw the new stamp would believe the old keys meanwhile.
            self._stamp = stamp
        return self._keys
