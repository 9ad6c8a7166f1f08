"""The mosquitto configuration that we ship: rendered from the site's relays, never written by hand.

Written for mosquitto 2.0. Nagle off (a door command takes a fraction of a millisecond instead of
two delayed acknowledgements), small packets, short queues, nothing kept on disk, nobody anonymous.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from models.errors import ConfigError
from mqtt_bridge.access import Login

MAX_PACKET = 4096
"""Bytes; our longest message is under 1100, Home Assistant's configs under 1000."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where mosquitto listens; `ca` asks every client for a certificate as well."""

    host: str = "127.0.0.1"
    port: int = 1883
    cert: Path | None = None
    key: Path | None = None
    ca: Path | None = None

    def __post_init__(self) -> None:
        if (self.cert is None) != (self.key is None):
            message = "a TLS listener needs both cert and key"
            raise ValueError(message)
        if self.ca is not None and self.cert is None:
            message = "client certificates need a TLS listener: give cert and key"
            raise ValueError(message)
        if self.cert is None and self.host not in ("127.0.0.1", "::1", "localhost"):
            message = f"without TLS mosquitto listens on this machine only, not on {self.host}"
            raise ValueError(message)


def render_config(listener: Listener, passwords: Path, acl: Path, user: str = "") -> str:
    """Return mosquitto.conf; `user` is whom mosquitto becomes when root starts it."""
    lines = [
        "# Made by Kuahu from the site file; changes here are lost (docs/mqtt.md).",
        "per_listener_settings false",
        "allow_anonymous false",
        f"password_file {passwords}",
        f"acl_file {acl}",
        "# A door command must not wait for a delayed acknowledgement.",
        "set_tcp_nodelay true",
        "# Nothing late: no message outlives a connection or a restart.",
        "persistence false",
        "queue_qos0_messages false",
        "max_queued_messages 20",
        "max_inflight_messages 20",
        f"max_packet_size {MAX_PACKET}",
        f"message_size_limit {MAX_PACKET}",
        "max_keepalive 60",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "connection_messages true",
        *([f"user {user}"] if user else []),
        f"listener {listener.port} {listener.host}",
        # Said before `listener`, this would open mosquitto's default listener too: 1883, to all.
        "max_connections 200",
    ]
    if listener.cert is not None:
        lines += [f"certfile {listener.cert}", f"keyfile {listener.key}", "tls_version tlsv1.2"]
    if listener.ca is not None:
        lines += [f"cafile {listener.ca}", "require_certificate true"]
    return "\n".join(lines) + "\n"


def render_acl(logins: tuple[Login, ...]) -> str:
    """Return the access list: what is not named here is denied."""
    blocks = ["# Made by Kuahu from the site file; changes here are lost (docs/mqtt.md)."]
    for login in logins:
        lines = [f"user {login.username}"]
        lines += [f"topic write {topic}" for topic in login.publish]
        lines += [f"topic read {topic}" for topic in login.subscribe]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def write_passwords(path: Path, logins: tuple[Login, ...], tool: str = "mosquitto_passwd") -> None:
    """Write mosquitto's password file (0600), hashed by its own tool.

    Raises ConfigError when the tool is missing or will not.
    """
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{login.username}:{login.password}\n" for login in logins))
    try:
        # -U hashes the file in place, so that no password is ever on a command line.
        subprocess.run([tool, "-U", str(path)], check=True, capture_output=True, timeout=60)  # noqa: S603 - our own file
    except (OSError, subprocess.SubprocessError) as error:
        path.unlink(missing_ok=True)
        message = f"{tool} could not make {path}: {error}; install it: apt install mosquitto"
        raise ConfigError(message) from error
