"""Where a broker is and how to be let in."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """One broker; `ca`, `cert` and `key` are PEM files, used when `tls` is set.

    `cert` and `key` come together: this side's own certificate, where the broker wants one.
    """

    host: str = "127.0.0.1"
    port: int = 1883
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def __post_init__(self) -> None:
        if (self.cert is None) != (self.key is None):
            message = "a client certificate needs both its files: cert and key"
            raise ValueError(message)
        if self.tls is False and (self.ca or self.cert):
            message = "certificates are given but tls is off: set tls = true or remove them"
            raise ValueError(message)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Message:
    """One MQTT message; `retained` says that the broker kept it, or shall."""

    topic: str
    payload: bytes
    retained: bool = False
