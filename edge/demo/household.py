"""The demo's household: its phone on the residents' page, and what it does there in the story."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from edge import wire
from edge.demo.phone import Phone
from edge.demo.witness import Witness
from models.errors import Fault, InputError

_LONGEST: Final = 1280
"""Pixels to which the browser's page shrinks a photo before it is sealed."""
_GOES: Final = 30.0
_LOOKS: Final = 0.2
_MOST: Final = 10
"""Passes of one telling that are good at once; a home has only so many."""
_BY: Final = "demo"


class Household:
    """One resident with a phone; deeds belong to the director's thread, the rest to any.

    `find` returns the resident's id on the register.
    """

    def __init__(
        self,
        phone: Phone,
        witness: Witness,
        find: Callable[[], str],
        photo: bytes,
        clock: Callable[[], float],
    ) -> None:
        self._phone = phone
        self._witness = witness
        self._find = find
        self._photo = photo
        self._clock = clock
        self._turn = threading.Lock()
        self._made: list[str] = []
        self._revoked = ""
        self._sent = float("-inf")
        self._withdrawn = float("-inf")

    def move_in(self, stop: threading.Event) -> None:
        """Take the home on the phone with a code from the desk, once the centre knows of it."""
        code = self._code()
        end = self._clock() + _GOES
        while True:
            try:
                return self._phone.claim(code)
            except Fault:
                # The code is a letter that is still on its way up.
                if self._clock() > end or stop.wait(_LOOKS):
                    raise

    def passes(self) -> tuple[str, str, str]:
        """Return the codes of two new passes, and of one that is taken back already.

        Those of the telling before are taken back first: a home has only so many.
        """
        with self._turn:
            for made in self._made:
                self._phone.revoke(made)
            self._made = []
            if not self._revoked:
                self._revoked = self._pass("撤回访客")
                self._phone.revoke(self._made.pop())
            return self._pass("演示访客"), self._pass("断网访客"), self._revoked

    def visitor(self) -> str:
        """Return the code of one more pass."""
        with self._turn:
            while len(self._made) >= _MOST:
                self._phone.revoke(self._made.pop(0))
            return self._pass("演示访客")

    def invitations(self) -> tuple[str, str]:
        """Return two paths for a real phone: where it takes this home, and a visitor's pass."""
        with self._turn:
            made = self._phone.make_pass("演示访客")
            self._made.append(made)
            return f"/home/claim#code={self._code()}", self._phone.link_of(made)

    def close(self) -> None:
        """Switch the phone off."""
        self._phone.close()

    def photo_accepted(self, _lane: int, began: float) -> float | None:
        """Send the photo, and return the seconds until the gate's answer was on the phone."""
        with self._turn:
            if self._sent < began:
                self._phone.send_photo(self._find(), self._photo)
                self._sent = self._clock()
            accepted = self._phone.photo(self._find()) == "accepted" and self._has_face()
        return self._clock() - self._sent if accepted else None

    def face_gone(self, _lane: int, began: float) -> float | None:
        """Take the face back, and return the seconds until the gate had none any more."""
        with self._turn:
            if self._withdrawn < began:
                self._phone.withdraw_face(self._find())
                self._withdrawn = self._clock()
        return None if self._has_face() else self._clock() - self._withdrawn

    def _pass(self, label: str) -> str:
        made = self._phone.make_pass(label)
        self._made.append(made)
        return self._phone.code_of(made)

    def _code(self) -> str:
        answer = self._witness.ask(lambda ref: wire.NewHomeClaim(ref, self._find(), _BY))
        assert isinstance(answer, wire.HomeClaimIs)
        return answer.code

    def _has_face(self) -> bool:
        answer = self._witness.ask(wire.Residents)
        rows = answer.rows if isinstance(answer, wire.ResidentsAre) else ()
        return any(row.id == self._find() and "face" in row.allowed for row in rows)


def photo_of(picture: Path) -> bytes:
    """Return the picture as the residents' page would send it, a JPEG of at most 1280 pixels.

    Raises InputError for what is no picture.
    """
    bgr = cv2.imdecode(np.fromfile(picture, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        message = f"{picture} is no picture that can be read; give a JPEG or PNG"
        raise InputError(message)
    scale = min(1.0, _LONGEST / max(bgr.shape[:2]))
    small = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return jpeg.tobytes()
