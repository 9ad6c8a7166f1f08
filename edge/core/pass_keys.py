"""The public keys of passes: the desk's, read again when their file changes, and the centre's."""

import logging
from collections.abc import Mapping
from pathlib import Path

from edge.issuer.client import load_keys
from gate.pass_keys import public_key
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
        self._centre: Mapping[int, PublicKey] = {}
        self._all: Mapping[int, PublicKey] = {}

    def __call__(self) -> Mapping[int, PublicKey]:
        """Return the keys by kid; those believed before where the file has become unreadable."""
        try:
            stamp = self._page.stat().st_mtime_ns
        except OSError:
            return self._all
        if stamp != self._stamp:
            try:
                self._keys = load_keys(self._page, self._compound)
            except ConfigError as error:
                _log.error("the pass keys are not changed: %s", error)
            self._join()
            # Last: another lane that saw the new stamp would believe the old keys meanwhile.
            self._stamp = stamp
        return self._all

    def own(self) -> frozenset[int]:
        """Return the numbers of the keys that the desk signs with."""
        self()
        return frozenset(self._keys)

    def believe(self, centre: Mapping[int, str]) -> None:
        """Believe these keys of the centre, in hex by kid, and no others of it."""
        read = {kid: public_key(text) for kid, text in centre.items()}
        self._centre = {kid: key for kid, key in read.items() if key is not None}
        self._join()

    def _join(self) -> None:
        # The desk's own keys come last: nothing that the centre says takes their place.
        self._all = {**self._centre, **self._keys}
