"""Which rows of the journal the guard's pages are told of when one is new."""

import logging

from edge.store.store import Store
from models.errors import StoreFault
from models.event import Event, EventKind
from models.lane import Credential

_log = logging.getLogger("kuahu.core")


def rows_to_show(store: Store, seq: int) -> tuple[Event, ...]:
    """Return row `seq` and the alert that it came with, () where they cannot be read.

    A wrong number that makes its keypad wait comes with one.
    """
    try:
        event = store.event(seq)
        if event is None:
            return ()
        if event.credential is not Credential.PIN:
            return (event,)
        after = store.event(seq + 1)
    except StoreFault as fault:
        _log.warning("row %d cannot be shown: %s", seq, fault)
        return ()
    alerts = after is not None and after.kind is EventKind.ALERT and after.answers == seq
    return (event, after) if alerts and after is not None else (event,)
