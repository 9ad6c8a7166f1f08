"""Topics: where each message of a site lives (docs/mqtt.md)."""

import re
from dataclasses import dataclass
from enum import StrEnum

ROOT = "kuahu/1"
_RELAY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


class Kind(StrEnum):
    """What a relay's topic carries."""

    HEARTBEAT = "heartbeat"
    COMMAND = "command"
    REPORT = "report"
    CARD = "card"
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class RelayTopic:
    """One topic of one relay."""

    relay: str
    kind: Kind

    def __str__(self) -> str:
        return f"{ROOT}/relay/{self.relay}/{self.kind}"


def relay_name(text: str) -> str:
    """Return `text` when it can name a relay.

    Raises ValueError with a sentence for the user when it cannot.
    """
    if _RELAY.fullmatch(text) is None:
        message = (
            f"{text!r} cannot name a relay: use 1 to 32 of a-z, 0-9 and -, such as gate-1, "
            "with no - at either end"
        )
        raise ValueError(message)
    return text


def parse(topic: str) -> RelayTopic | None:
    """Return which relay and kind `topic` names, or None for any other topic."""
    head, _, kind = topic.rpartition("/")
    root, _, relay = head.rpartition("/")
    if root != f"{ROOT}/relay" or kind not in set(Kind) or _RELAY.fullmatch(relay) is None:
        return None
    return RelayTopic(relay, Kind(kind))


def signal(lane: int) -> str:
    """Return the topic of the lamp and buzzer of a lane."""
    return f"{ROOT}/lane/{lane}/signal"


def last_event(lane: int) -> str:
    """Return the topic where a lane's last answer is mirrored for other systems."""
    return f"{ROOT}/mirror/lane/{lane}/event"


def mirror(relay: str) -> str:
    """Return the topic where a relay's readings are mirrored in the clear, for other systems."""
    return f"{ROOT}/mirror/relay/{relay}"


def availability() -> str:
    """Return the topic that says whether the site's own daemon is up."""
    return f"{ROOT}/mirror/site"
