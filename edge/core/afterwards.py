"""What follows a row of the journal and no door waits for: other gate machines, and the host."""

from collections.abc import Callable

from config.load import secret
from config.settings import Settings
from edge.neighbours import Company
from edge.notify import Notifier, Webhook
from edge.places import Places
from edge.ports import Clock
from edge.relay_table import broker_address
from edge.store.store import Store
from edge.uses_shared import SharedUses, Sharing
from models.errors import ConfigError
from models.event import Event, EventKind
from models.lane import Credential
from models.visit import DOUBLE_USE
from mqtt_bridge.seal import RelayKey

_PASSES = frozenset({Credential.PASS, Credential.PIN, Credential.PLATE})


class Afterwards:
    """Shares uses and tells the host, where the site file asks for it."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        announce: Callable[[int], None],
    ) -> None:
        """Compose both; raises ConfigError where a key or a secret is missing."""
        places = Places(store.folder.root)
        sharing = sharing_of(settings, places)
        webhook = webhook_of(settings)
        compound = settings.site.compound
        self._shared = None if sharing is None else SharedUses(sharing, store.uses, clock, announce)
        self._notifier = None if webhook is None else Notifier(webhook, compound, store.uses, clock)

    def start(self) -> None:
        """Begin."""
        if self._shared is not None:
            self._shared.start()
        if self._notifier is not None:
            self._notifier.start()

    def stop(self) -> None:
        """Return when the threads have ended."""
        if self._shared is not None:
            self._shared.stop()
        if self._notifier is not None:
            self._notifier.stop()

    def company(self) -> Company:
        """Return how much is heard of the compound's other gate machines."""
        return Company() if self._shared is None else self._shared.company()

    def recorded(self, event: Event) -> None:
        """Hear of a row; returns at once."""
        if self._shared is not None:
            self._shared.nudge()
        if self._notifier is not None and is_of_interest(event):
            self._notifier.recorded(event.seq)


def is_of_interest(event: Event) -> bool:
    """Return whether a row may say how a pass fared; an opening once its barrier has answered."""
    if event.kind is EventKind.DECISION:
        settled = event.answer != "opened" or event.outcome is not None
        return event.credential in _PASSES and settled
    return event.kind is EventKind.ALERT and event.reason == DOUBLE_USE


def sharing_of(settings: Settings, places: Places) -> Sharing | None:
    """Return with whom uses are shared, None where the site file has no `[uses]`.

    Raises ConfigError where the compound's key is not here.
    """
    if settings.uses is None:
        return None
    try:
        key = RelayKey.parse(places.uses_key.read_text("utf-8"))
    except OSError as error:
        message = "[uses] needs the compound's key; run `kuahu uses key` on one gate machine first"
        raise ConfigError(message) from error
    except ValueError as error:
        message = f"{places.uses_key} holds no key; make it again with `kuahu uses key --again`"
        raise ConfigError(message) from error
    address = broker_address(settings.uses, places)
    return Sharing(settings.site.compound, key, address)


def webhook_of(settings: Settings) -> Webhook | None:
    """Return where the host is told, None where the site file has no `[notify]`."""
    if settings.notify is None:
        return None
    key = secret(settings.notify.secret, settings.notify.secret_file) or ""
    return Webhook(settings.notify.url, key.encode())
