"""The viewer: whoever tries the demo with a camera and a face of their own, while it runs."""

import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from edge import wire
from edge.demo import consent
from edge.demo.witness import Witness
from edge.store.folder import Folder
from models.errors import InputError

NAME = "本机体验者"
_BY = "demo"


class Viewer:
    """Puts the viewer on the register and takes them off again; safe from any thread.

    `home` is the home that they are given, `now` gives aware UTC.
    """

    def __init__(
        self, root: Path, home: str, witness: Witness, now: Callable[[], datetime]
    ) -> None:
        self._photo = root / "demo" / "viewer.jpg"
        self._evidence = Folder(root).evidence
        self._home = home
        self._witness = witness
        self._now = now
        self._turn = threading.Lock()
        self._known = self._ended = False
        self._receipt = ""

    @property
    def known(self) -> bool:
        """Whether somebody is enrolled."""
        return self._known

    @property
    def receipt(self) -> str:
        """What core said when it erased the last viewer, empty before."""
        return self._receipt

    def enrol(self, photo: bytes, agreed: str) -> str:
        """Enrol the face in a JPEG, in place of any viewer before; return what core remarks.

        `agreed` names the text that was agreed to. Raises InputError for any other text, and
        KuahuError with a sentence for the viewer when the picture will not do.
        """
        if agreed not in consent.VERSIONS:
            message = "请先阅读并同意 / read the text and agree to it first"
            raise InputError(message)
        with self._turn:
            if self._ended:
                message = "演示正在停止 / the demo is stopping"
                raise InputError(message)
            self._erase()
            try:
                self._lay_down(photo)
                done = self._witness.ask(lambda ref: self._request(ref, agreed), timeout=30.0)
            finally:
                self._photo.unlink(missing_ok=True)
            self._known, self._receipt = True, ""
        return done.note if isinstance(done, wire.Done) else ""

    def erase(self) -> None:
        """Erase every viewer, also one of a demo that was killed.

        Raises KuahuError when core will not or is not there.
        """
        with self._turn:
            self._photo.unlink(missing_ok=True)
            self._erase()

    def end(self) -> None:
        """Erase the viewer and take no other.

        Raises KuahuError when core will not or is not there.
        """
        self._ended = True
        self.erase()

    def drop_pictures(self) -> None:
        """Delete every picture that the gates kept, as the viewer may be on any; core is off."""
        for picture in self._evidence.glob("*.crop"):
            picture.unlink(missing_ok=True)

    def _lay_down(self, photo: bytes) -> None:
        """Put the picture where vision reads it once; readable by this user only."""
        handle = os.open(self._photo, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(photo)

    def _request(self, ref: int, agreed: str) -> wire.AddResident:
        # Should nothing else take the right away, it ends by itself.
        until = (self._now() + timedelta(days=1)).date().isoformat()
        photos = (str(self._photo),)
        return wire.AddResident(
            ref,
            NAME,
            self._home,
            "family",
            until,
            photos,
            agreed,
            consent.BY,
            None,
            consent.CHANNEL,
        )

    def _erase(self) -> None:
        known = self._witness.ask(wire.Residents)
        assert isinstance(known, wire.ResidentsAre)
        for row in known.rows:
            if row.name == NAME:
                done = self._witness.ask(partial(_removal, resident=row.id))
                self._receipt = done.text if isinstance(done, wire.Done) else ""
        self._known = False


def _removal(ref: int, resident: str) -> wire.RemoveResident:
    return wire.RemoveResident(ref, resident, _BY)
