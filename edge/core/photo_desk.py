"""The photo desk: opens photos that phones have sealed, has them looked at, and answers.

A photo lies in the register as it came, sealed, until it is answered; in the clear it is only ever
bytes in this process's memory on their way to the vision process, which makes templates of it.
"""

import logging
import threading
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from edge.core.eyes import Encoded, PhotoUnfit
from edge.core.told_rules import BY_PHONE, REQUEST_ID, Grounds, Unusable, fit, may_decide, must_have
from edge.store.exchange import FaceTakenBack
from edge.store.feed import ToldRow
from edge.store.photo_keys import PhotoKeys, Sealed
from edge.sync.words import told_of
from models.errors import InputError, RecogniserFault, StoreFault
from models.feed import SealedPhoto
from models.letter import PhotoAnswer, PhotoAnswered
from models.registry import Resident

AGAIN_AFTER: Final = 20.0
"""Seconds after which a photo is tried again that nobody could look at."""
TRIES: Final = 3
"""How often a photo may bring the eyes down before it is not shown to them any more."""
LARGEST: Final = 400 * 1024
"""Bytes of a sealed photo."""
_ANSWERS: Final[Mapping[str, PhotoAnswer]] = MappingProxyType(
    {
        "not_a_photo": PhotoAnswer.UNREADABLE,
        "corrupt": PhotoAnswer.UNREADABLE,
        "too_large": PhotoAnswer.UNREADABLE,
        "no_face": PhotoAnswer.NO_FACE,
        "two_faces": PhotoAnswer.TWO_FACES,
        "too_small": PhotoAnswer.TOO_SMALL,
        "too_blurred": PhotoAnswer.BLURRED,
        "too_dark": PhotoAnswer.TOO_DARK,
        "too_bright": PhotoAnswer.TOO_BRIGHT,
        "turned_away": PhotoAnswer.TURNED,
    }
)
"""What the rules of enrolment (recognition/photo.py) are called on a phone."""

_log = logging.getLogger("kuahu.core")


class _Refused(Exception):  # noqa: N818 - a refusal is what happens to a photo
    def __init__(self, answer: PhotoAnswer) -> None:
        super().__init__(answer)
        self.answer = answer


class PhotoDesk:
    """Deals with sealed photos, on one thread of its own."""

    def __init__(
        self,
        grounds: Grounds,
        keys: PhotoKeys,
        encode: Callable[[tuple[str | bytes, ...]], Encoded],
        ready: Callable[[], bool],
    ) -> None:
        """Look at photos with `encode`, while the eyes are `ready`."""
        self._at = grounds
        self._keys = keys
        self._encode = encode
        self._ready = ready
        self._came = threading.Event()
        self._brought_down: Counter[int] = Counter()

    def run(self, stop: threading.Event) -> None:
        """Answer each photo until stopped; what is left is answered after the next start."""
        while not stop.is_set():
            self._came.clear()
            try:
                self.deal()
            except StoreFault as fault:
                _log.info("photos wait for the disk: %s", fault)
            self._came.wait(AGAIN_AFTER)

    def wake(self) -> None:
        """Look whether a photo has come."""
        self._came.set()

    def deal(self) -> bool:
        """Answer every photo that waits; False where one has to be tried again later."""
        exchange = self._at.store.exchange
        while rows := exchange.waiting(photos=True):
            for row in rows:
                if not self._settled(row):
                    return False
        return True

    def _settled(self, row: ToldRow) -> bool:
        """Answer one photo; False where nobody can look at it now."""
        exchange = self._at.store.exchange
        try:
            told = told_of(row.kind, row.body)
            assert isinstance(told, SealedPhoto)
            fit(REQUEST_ID, told.photo_id, "photo")
        except (ValueError, Unusable):
            exchange.refuse(row, "malformed")
            return True
        try:
            self._look(row, told)
        except _Refused as refused:
            exchange.answer(row, self._answered(told, refused.answer))
        except RecogniserFault:
            exchange.put_off(row, self._answered(told, PhotoAnswer.TRY_LATER))
            return False
        except StoreFault:
            raise
        except Exception:  # noqa: BLE001 - one photo, however odd, holds up no other
            _log.exception("photo %d of the feed could not be dealt with", row.number)
            exchange.refuse(row, "failed")
        return True

    def _look(self, row: ToldRow, told: SealedPhoto) -> None:
        store, given = self._at.store, told.consent.at
        person = self._subject(told)
        if store.exchange.is_withdrawn(row, person.resident_id, given):
            raise _Refused(PhotoAnswer.NO_CONSENT)
        photo = self._opened(told)
        if not self._ready():
            message = "nobody looks at pictures now"
            raise RecogniserFault(message, part="vision")
        try:
            faces = self._encode((photo,))
        except RecogniserFault:
            self._brought_down[row.row] += 1
            if self._brought_down[row.row] >= TRIES:
                raise _Refused(PhotoAnswer.UNREADABLE) from None
            raise
        except PhotoUnfit as unfit:
            raise _Refused(_ANSWERS.get(unfit.word, PhotoAnswer.UNREADABLE)) from unfit
        except InputError as error:
            raise _Refused(PhotoAnswer.UNREADABLE) from error
        accepted = self._answered(told, PhotoAnswer.ACCEPTED)
        also = store.exchange.accepting(row, person.resident_id, accepted, given)
        now = self._at.clock.now()
        try:
            store.enrol(person.resident_id, told.consent, faces.templates, now, also)
        except FaceTakenBack as taken:
            raise _Refused(PhotoAnswer.NO_CONSENT) from taken
        except InputError as error:
            # Erased while the photo was looked at.
            raise _Refused(PhotoAnswer.UNKNOWN_RESIDENT) from error
        store.exchange.forget_deleted()
        self._at.refresh()
        for event in store.events(newest=True, limit=1):
            self._at.announce(event.seq)

    def _subject(self, told: SealedPhoto) -> Resident:
        """Return whose face it is, for whom `told.by` may agree."""
        store = self._at.store
        try:
            person = must_have(store, told.resident_id)
        except Unusable as error:
            raise _Refused(PhotoAnswer.UNKNOWN_RESIDENT) from error
        guardian = store.exchange.guardian_of(person.resident_id)
        consent = told.consent
        try:
            may_decide(store, person, told.by)
        except Unusable as error:
            raise _Refused(PhotoAnswer.NO_CONSENT) from error
        agrees = (person.resident_id if guardian is None else guardian, guardian)
        if (consent.by, consent.guardian) != agrees or consent.channel not in BY_PHONE:
            raise _Refused(PhotoAnswer.NO_CONSENT)
        if not consent.version or consent.at.tzinfo is None:
            raise _Refused(PhotoAnswer.NO_CONSENT)
        return person

    def _opened(self, told: SealedPhoto) -> bytes:
        try:
            box = b64decode(told.sealed, validate=True)
        except ValueError as error:
            raise _Refused(PhotoAnswer.UNREADABLE) from error
        if len(box) > LARGEST:
            raise _Refused(PhotoAnswer.UNREADABLE)
        sealed = Sealed(told.photo_id, told.resident_id, told.key_id, box)
        photo = self._keys.opened(sealed)
        if photo is None:
            raise _Refused(PhotoAnswer.OLD_KEY)
        return photo

    def _answered(self, told: SealedPhoto, answer: PhotoAnswer) -> PhotoAnswered:
        return PhotoAnswered(told.photo_id, answer, self._at.clock.now().utc)
