"""Faces across the three files, in the order that leaves nothing readable when power fails.

Enrol: keyring, biometrics, register; a half-made face is an orphan that the next start sweeps.
Erase: tombstone, keyring, biometrics, register; a half-erased face is finished at the next start.
"""

import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from edge.store import biometrics, keyring
from edge.store.database import empty_wal, translated
from models.errors import InputError
from models.template import Template


class Faces:
    """The keyring and the templates, written by one caller at a time."""

    def __init__(self, keys: Engine, templates: Engine, device: bytes) -> None:
        self._keys = keys
        self._templates = templates
        self._device = device
        self._turn = threading.RLock()

    def make(self, templates: Sequence[Template]) -> str:
        """Return the random id of a new face whose key and templates are durable."""
        face = secrets.token_hex(16)
        with self._turn:
            with translated("keyring.db"), self._keys.begin() as connection:
                key = keyring.new_key(connection, self._device, face)
            with translated("biometrics.db"), self._templates.begin() as connection:
                biometrics.put(connection, face, key, templates)
        return face

    def add(self, face: str, templates: Sequence[Template]) -> None:
        """Seal more templates under a face's own key: they end when it does.

        Raises InputError for a face that has no key (any more).
        """
        with self._turn:
            with translated("keyring.db"), self._keys.connect() as connection:
                key = keyring.all_keys(connection, self._device).get(face)
            if key is None:
                message = "this person's face was given back meanwhile; nothing was kept"
                raise InputError(message)
            with translated("biometrics.db"), self._templates.begin() as connection:
                biometrics.put(connection, face, key, templates)

    def forget_learnt(self, face: str, spare: int = 0) -> None:
        """Delete what a face learnt of passages, but for the newest `spare`."""
        with self._turn:
            with translated("biometrics.db"), self._templates.begin() as connection:
                biometrics.forget_learnt(connection, face, spare)
            empty_wal(self._templates)

    def unmake(self, face: str, at: datetime) -> None:
        """Bury a face, destroy its key, then its templates."""
        with self._turn:
            with translated("keyring.db"), self._keys.begin() as connection:
                keyring.bury(connection, keyring.FACE, face, at)
            self.sweep((face,))

    def bury_resident(self, resident_id: str, at: datetime) -> None:
        """Write the tombstone of a resident."""
        with self._turn, translated("keyring.db"), self._keys.begin() as connection:
            keyring.bury(connection, keyring.RESIDENT, resident_id, at)

    def buried(self) -> dict[str, str]:
        """Return the kind of each tombstone by the id that it buries."""
        with self._turn, translated("keyring.db"), self._keys.connect() as connection:
            return keyring.buried(connection)

    def bury_all(self, tombstones: dict[str, str], at: datetime) -> None:
        """Take over tombstones that the register knows and this keyring does not."""
        with self._turn, translated("keyring.db"), self._keys.begin() as connection:
            for gone, kind in tombstones.items():
                keyring.bury(connection, kind, gone, at)

    def sweep(self, faces: Sequence[str]) -> None:
        """Destroy keys first, then templates, and empty both logs of what was deleted."""
        if not faces:
            return
        with self._turn:
            _for_each(self._keys, "keyring.db", keyring.destroy, faces)
            _for_each(self._templates, "biometrics.db", biometrics.destroy, faces)

    def known(self) -> tuple[set[str], set[str]]:
        """Return the faces that have a key, and the faces that have templates."""
        with self._turn:
            with translated("keyring.db"), self._keys.connect() as connection:
                with_key = set(keyring.all_keys(connection, self._device))
            with translated("biometrics.db"), self._templates.connect() as connection:
                return with_key, biometrics.faces(connection)

    def opened(self) -> dict[str, tuple[Template, ...]]:
        """Return every readable template by face."""
        with self._turn:
            with translated("keyring.db"), self._keys.connect() as connection:
                keys = keyring.all_keys(connection, self._device)
            with translated("biometrics.db"), self._templates.connect() as connection:
                return biometrics.opened(connection, keys)

    def close(self) -> None:
        """Let both files go."""
        self._keys.dispose()
        self._templates.dispose()


def _for_each(
    engine: Engine,
    part: str,
    destroy: Callable[[Connection, str], None],
    faces: Sequence[str],
) -> None:
    with translated(part), engine.begin() as connection:
        for face in faces:
            destroy(connection, face)
    empty_wal(engine)
