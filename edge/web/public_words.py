"""What a lane's screen says to the public for each reason: never a name, never who lives here.

Several reasons share one sentence on purpose; the guard's page tells them apart. The sentences
themselves are in the catalogues, context `gate`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from models.advice import Advice
from models.decision import Reason
from models.movement import Movement
from models.signal import Signal

_SENTENCE: Mapping[str, str] = MappingProxyType(
    {
        Reason.UNKNOWN_FACE: "not_recognised",
        Reason.AMBIGUOUS_FACE: "not_recognised",
        Reason.ENDED: "not_recognised",
        Reason.NOT_CHOSEN: "not_recognised",
        Reason.NOT_LIVE: "another_way",
        Reason.SECOND_FACTOR: "second_factor",
        Reason.NOT_AT_THIS_LANE: "another_way",
        Reason.WRONG_LANE: "another_lane",
        Reason.USED: "used",
        Reason.EXPIRED: "expired",
        Reason.NOT_YET: "not_yet",
        Reason.NOT_NOW: "not_now",
        Reason.REVOKED: "invalid",
        Reason.WRONG_COMPOUND: "invalid",
        Reason.FORGED: "invalid",
        Reason.UNKNOWN_KEY: "invalid",
        Reason.MALFORMED: "invalid",
        Reason.TOO_LONG: "invalid",
        Reason.WRONG_ALPHABET: "invalid",
        Reason.STALE_CODE: "stale_code",
        Reason.UNKNOWN_PLATE: "wait",
        Reason.UNREADABLE_PLATE: "wait",
        Reason.NO_VEHICLE: "another_way",
        Reason.RESTRICTED: "wait",
        Reason.ALREADY_INSIDE: "wait",
        Reason.CAR_IN_LANE: "wait",
        Reason.FULL: "wait",
        Reason.SPACES_TAKEN: "wait",
        Reason.UNKNOWN_CARD: "not_recognised",
        Reason.UNKNOWN_PIN: "check_number",
        Reason.PIN_LOCKED: "wait",
        Reason.STALE: "again",
        Reason.OLD_GALLERY: "again",
        Reason.LOCKED_DOWN: "wait",
        Reason.CLOCK: "wait",
        Reason.NOT_RECORDED: "wait",
    }
)
_OTHERWISE: Mapping[str, str] = MappingProxyType(
    {
        Signal.GRANTED: "granted",
        Signal.REFUSED: "not_recognised",
        Signal.WAIT: "wait",
    }
)

_ASKED = frozenset(Movement) | frozenset(Advice)


def words_for(signal: str, word: str) -> str:
    """Return the name of the sentence for an answer; `idle` where nothing is to be said."""
    if word in _ASKED:
        return word
    if signal == Signal.REFUSED:
        return _SENTENCE.get(word, "not_recognised")
    return _OTHERWISE.get(signal, "idle")


SENTENCES = frozenset(_SENTENCE.values()) | frozenset(_OTHERWISE.values()) | _ASKED
