"""The told desk: applies what the centre told, after looking at it as at a stranger's word.

Each item is applied or answered with the word why it was not; none holds up another. Everything
here may be done twice, for a power cut between the deed and the note that it was done.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from edge.core.told_people import PeopleTold
from edge.core.told_rules import (
    KEY,
    LONGEST_NAME,
    PASS_ID,
    REQUEST_ID,
    RESIDENT_ID,
    Grounds,
    Unusable,
    fit,
    must_have,
    refuse,
)
from edge.store.feed import FIRST, ToldRow
from edge.sync.words import told_of
from gate.pass_keys import public_key
from models.errors import InputError, KuahuError, StoreFault
from models.feed import Erase, FaceWithdrawn, PassKey, PassMade, Revoked, RotationKey
from models.letter import Erased
from models.visit import Claims

LONGEST_PASS: Final = timedelta(days=400)
_EARLIEST: Final = datetime(2020, 1, 1, tzinfo=UTC)
_MOST_USES: Final = 65_535
_CENTRE: Final = "centre"
"""By whom a change is, in the journal, that names no resident."""

_log = logging.getLogger("kuahu.core")


class ToldDesk:
    """Deals with everything that was told but photos, on one thread."""

    def __init__(self, grounds: Grounds) -> None:
        self._at = grounds
        self._deeds: dict[type, Callable[[ToldRow, Any], None]] = {
            Revoked: self._revoke,
            FaceWithdrawn: self._withdraw,
            Erase: self._erase,
            PassKey: self._key,
            RotationKey: self._rotation,
            PassMade: self._pass,
            **PeopleTold(grounds, self._take_face).deeds,
        }

    def deal(self, urgent_only: bool) -> None:  # noqa: FBT001 - the one question
        """Apply what waits, what takes away rights first; with `urgent_only` nothing else.

        Raises StoreFault where the disk does not take it; what is left is dealt with later.
        """
        while rows := self._at.store.exchange.waiting():
            for row in rows:
                if urgent_only and row.kind not in FIRST:
                    return
                self._one(row)

    def _one(self, row: ToldRow) -> None:
        exchange = self._at.store.exchange
        try:
            told = told_of(row.kind, row.body)
            self._deeds[type(told)](row, told)
        except StoreFault:
            raise
        except Unusable as error:
            exchange.refuse(row, error.word)
        except KuahuError as error:
            _log.info("item %d of the feed is refused: %s", row.number, error.code)
            exchange.refuse(row, "refused")
        except ValueError:
            exchange.refuse(row, "malformed")
        except Exception:  # noqa: BLE001 - one item, however odd, holds up no other
            _log.exception("item %d of the feed could not be applied", row.number)
            exchange.refuse(row, "failed")
        else:
            exchange.done(row)

    # --- what takes away rights --------------------------------------------------------------

    def _revoke(self, _row: ToldRow, told: Revoked) -> None:
        fit(PASS_ID, told.pass_id, "pass")
        self._at.store.revoke_pass(told.pass_id, self._at.clock.now())
        self._at.note("pass_revoked", _CENTRE)

    def _withdraw(self, row: ToldRow, told: FaceWithdrawn) -> None:
        if self._gone(told.resident_id):
            return
        self._take_face(row, told.resident_id)

    def _take_face(self, row: ToldRow, resident_id: str) -> None:
        store = self._at.store
        store.withdraw_face(resident_id, self._at.clock.now(), (row.epoch, row.number))
        self._at.refresh()
        # The store wrote the row itself: the pages forget a name once they see it.
        for event in store.events(newest=True, limit=1):
            self._at.announce(event.seq)

    def _erase(self, _row: ToldRow, told: Erase) -> None:
        fit(REQUEST_ID, told.request_id, "request")
        store, now = self._at.store, self._at.clock.now()
        if self._gone(told.resident_id):
            # Erased at the desk meanwhile, or here before a power cut: the answer is the same.
            expire = store.exchange.last_key_day(now)
            store.exchange.say(Erased(told.resident_id, told.request_id, now.utc, expire, 0))
            return
        store.remove_resident(told.resident_id, now, told.request_id)
        self._at.refresh()
        self._at.note("resident_removed", _CENTRE)

    # --- keys and passes ---------------------------------------------------------------------

    def _key(self, _row: ToldRow, told: PassKey) -> None:
        exchange = self._at.store.exchange
        if not 0 <= told.kid <= 255:  # noqa: PLR2004 - one byte of a pass
            refuse("kid")
        if told.ed25519 is None:
            exchange.put_key(told.kid, None)
            self._at.keys.believe(exchange.pass_keys())
            return
        fit(KEY, told.ed25519, "key")
        held = exchange.pass_keys()
        if public_key(told.ed25519) is None:
            refuse("key")
        if exchange.key_retired(told.ed25519):
            refuse("key_retired")
        if told.kid in self._at.keys.own() or held.get(told.kid, told.ed25519) != told.ed25519:
            refuse("kid_taken")
        exchange.put_key(told.kid, told.ed25519)
        self._at.keys.believe(exchange.pass_keys())

    def _rotation(self, _row: ToldRow, told: RotationKey) -> None:
        fit(KEY, told.key, "key")
        self._at.store.exchange.put_rotation_key(bytes.fromhex(told.key))

    def _pass(self, _row: ToldRow, told: PassMade) -> None:
        fit(PASS_ID, told.pass_id, "pass")
        host = must_have(self._at.store, told.host)
        store, now = self._at.store, self._at.clock.now()
        self._check_pass(told)
        claims = Claims(
            told.pass_id,
            told.host,
            self._at.compound,
            told.lanes,
            told.not_before,
            told.expires,
            told.uses,
            told.kind,
            told.kid,
            told.rotating,
            told.weekly,
        )
        if not store.exchange.is_noted(told.pass_id):
            store.note_pass(claims, told.label.strip(), host.name, now, told.plate)
            self._at.note("pass_issued", host.name)
        if told.pin is not None:
            try:
                store.pins.note(told.pass_id, told.pin)
            except InputError as error:
                refuse("pin", error)

    def _check_pass(self, told: PassMade) -> None:
        if told.kid not in self._at.store.exchange.pass_keys():
            refuse("unknown_key")
        if not told.lanes <= self._at.lanes:
            refuse("lane")
        if told.not_before.tzinfo is None or told.expires.tzinfo is None:
            refuse("time")
        if not _EARLIEST <= told.not_before < told.expires <= told.not_before + LONGEST_PASS:
            refuse("time")
        if not 1 <= told.uses <= _MOST_USES:
            refuse("uses")
        if len(told.label) > LONGEST_NAME or not told.label.isprintable():
            refuse("label")

    def _gone(self, resident_id: str) -> bool:
        """Return whether somebody was here and was erased; whoever never was is refused."""
        fit(RESIDENT_ID, resident_id, "resident")
        if self._at.store.resident(resident_id) is not None:
            return False
        if not self._at.store.exchange.is_buried(resident_id):
            refuse("unknown_resident")
        return True
