"""The embedded broker: amqtt in a process of its own, so that one command works without apt.

Loopback only, a login for every client, the same access list as mosquitto's; nothing relies on its
retained messages or queues. asyncio switches Nagle off on every socket that it accepts.
MQTT 3.1.1 only. This is the one file that imports amqtt.
"""

import asyncio
import hmac
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from amqtt.broker import Broker
from amqtt.contexts import Action, BaseContext, BrokerConfig, ListenerConfig
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from models.errors import ConfigError
from mqtt_bridge.access import Login

_MAX_CONNECTIONS = 200


@dataclass(frozen=True, slots=True)
class EmbeddedSettings:
    """One embedded broker on 127.0.0.1; everyone not in `logins` is turned away."""

    port: int
    logins: tuple[Login, ...] = field(repr=False)


def run(settings: EmbeddedSettings, ready: Callable[[], None] | None = None) -> None:
    """Run the broker until SIGTERM or SIGINT; `ready` is called once it listens.

    Raises ConfigError when the port is taken.
    """
    # Its own chatter is one line per packet; what matters is seen by both ends of each link.
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    logging.getLogger("transitions").setLevel(logging.ERROR)
    asyncio.run(_serve(settings, ready))


async def _serve(settings: EmbeddedSettings, ready: Callable[[], None] | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    broker = Broker(_config(settings))
    try:
        await broker.start()
    except Exception as error:
        message = f"the embedded broker cannot listen on 127.0.0.1:{settings.port}: {error}"
        raise ConfigError(message) from error
    if ready:
        ready()
    await stop.wait()
    await broker.shutdown()


def _config(settings: EmbeddedSettings) -> BrokerConfig:
    here = ListenerConfig(bind=f"127.0.0.1:{settings.port}", max_connections=_MAX_CONNECTIONS)
    return BrokerConfig(
        listeners={"default": here},
        plugins={
            f"{__name__}.{LoginsOnly.__name__}": {"logins": settings.logins},
            f"{__name__}.{AccessList.__name__}": {"logins": settings.logins},
        },
    )


# amqtt takes plugins as classes of its own kind only, hands each its `Config`, and ships no types.
class LoginsOnly(BaseAuthPlugin):  # type: ignore[misc]
    """Lets in whom the settings name, with exactly that password and no will beyond its list."""

    async def authenticate(self, *, session: Session) -> bool | None:
        """Return whether the session's login is one of ours and may say its last will.

        amqtt says a will without asking the access list.
        """
        given = (session.password or "").encode()
        known = _of(self.config).get(session.username or "")
        welcome = (
            known is not None
            and hmac.compare_digest(known.password.encode(), given)
            and _may_leave(session, known)
        )
        if not welcome:
            # Under a known client id this is the session of whoever is connected, and amqtt is
            # about to throw them out and say the will that has just been written into it.
            session.will_flag = False
        return welcome

    @dataclass
    class Config:
        """The logins."""

        logins: tuple[Login, ...] = ()


class AccessList(BaseTopicPlugin):  # type: ignore[misc]
    """Lets each login publish and subscribe only where its list says."""

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._logins = _of(self.config)

    async def topic_filtering(
        self,
        *,
        session: Session | None = None,
        topic: str | None = None,
        action: Action | None = None,
    ) -> bool | None:
        """Return whether this session may do this on this topic."""
        login = self._logins.get((session.username if session else None) or "")
        if login is None or topic is None:
            return False
        allowed = login.publish if action is Action.PUBLISH else login.subscribe
        return any(covers(pattern, topic) for pattern in allowed)

    @dataclass
    class Config:
        """The logins."""

        logins: tuple[Login, ...] = ()


def _may_leave(session: Session, login: Login) -> bool:
    if not session.will_flag:
        return True
    topic = session.will_topic or ""
    # Nobody listens to a wildcard, and amqtt takes one for a topic.
    plain = "+" not in topic and "#" not in topic
    return plain and any(covers(pattern, topic) for pattern in login.publish)


def covers(pattern: str, topic: str) -> bool:
    """Return whether every topic that `topic` matches lies within `pattern`.

    `topic` may itself be a subscription with `+` and `#`.
    """
    wanted, allowed = topic.split("/"), pattern.split("/")
    for at, part in enumerate(allowed):
        if part == "#":
            return True
        if at >= len(wanted) or wanted[at] == "#":
            return False
        if part not in ("+", wanted[at]):
            return False
    return len(wanted) == len(allowed)


def _of(config: object) -> dict[str, Login]:
    logins = getattr(config, "logins", ())
    return {login.username: login for login in logins}
