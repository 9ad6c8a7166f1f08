"""Who may say and hear what at a site's broker: the one list that every broker is given. Pure."""

from dataclasses import dataclass, field

from mqtt_bridge import discovery, sign, topics
from mqtt_bridge.panel_codec import beat_topic, setting_topic
from mqtt_bridge.panel_shelly import answer_source
from mqtt_bridge.panel_track import Make, PanelSpec
from mqtt_bridge.reader import ReaderSpec
from mqtt_bridge.topics import ROOT, Kind, RelayTopic
from mqtt_bridge.track import Profile, RelaySpec

SITE = "kuahu-site"
"""The login of the site's own daemon."""

USES = "kuahu-uses"
"""The login of the compound's other gate machines, which say and hear uses and nothing else."""

WATCH = "kuahu-watch"
"""The login of Home Assistant and other onlookers, where a site wants any."""


_SAID = (Kind.HEARTBEAT, Kind.REPORT, Kind.CARD, Kind.PIN)
"""What a relay of ours says."""


@dataclass(frozen=True, slots=True)
class Login:
    """One client of the broker; topics may hold `+` and `#`."""

    username: str
    password: str = field(repr=False)
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def relay_login(relay: str) -> str:
    """Return the login of a relay."""
    return f"relay-{relay}"


def reader_login(reader: str) -> str:
    """Return the login of a card reader of another maker."""
    return f"reader-{reader}"


def logins(
    relays: tuple[RelaySpec, ...],
    passwords: dict[str, str],
    *,
    lamps: bool = True,
    panels: tuple[PanelSpec, ...] = (),
    readers: tuple[ReaderSpec, ...] = (),
) -> tuple[Login, ...]:
    """Return every login of a site: the daemon, each relay, and the onlooker if it has a password.

    `passwords` maps logins to passwords. Raises ValueError where one is missing. With `lamps`
    every relay may also hear its lane's signal, for a buzzer on the same board.
    """
    names = [*(relay.name for relay in relays), *(panel.name for panel in panels)]
    wanted = [SITE, *map(relay_login, names), *(reader_login(one.name) for one in readers)]
    missing = [name for name in wanted if not passwords.get(name)]
    if missing:
        message = f"no broker password for {', '.join(missing)}"
        raise ValueError(message)
    told = tuple(one for panel in panels for one in _panel_hears(panel))
    telling = tuple(one for panel in panels for one in _panel_says(panel))
    cards = tuple(topic for reader in readers for topic in reader.topics)
    says, hears = (*_site_says(relays), *told), (*_site_hears(relays), *telling, *cards)
    site = Login(SITE, passwords[SITE], says, hears)
    watch = passwords.get(WATCH)
    machines = (f"{ROOT}/uses/+",)
    others = passwords.get(USES)
    neighbours = (Login(USES, others, machines, machines),) if others else ()
    onlooker = Login(WATCH, watch, (discovery.BIRTH,), _WATCHED) if watch else None
    return (
        site,
        *(_relay(relay, passwords[relay_login(relay.name)], lamps=lamps) for relay in relays),
        *(_panel(panel, passwords[relay_login(panel.name)]) for panel in panels),
        *(
            Login(reader_login(one.name), passwords[reader_login(one.name)], one.topics, ())
            for one in readers
        ),
        *((onlooker,) if onlooker else ()),
        *neighbours,
    )


def _panel(panel: PanelSpec, password: str) -> Login:
    return Login(relay_login(panel.name), password, _panel_says(panel), _panel_hears(panel))


def _panel_says(panel: PanelSpec) -> tuple[str, ...]:
    match panel.make:
        case Make.KUAHU:
            return (beat_topic(panel.name),)
        case Make.TASMOTA:
            return (f"stat/{panel.topic}/#", f"tele/{panel.topic}/#")
        case Make.SHELLY:
            return (f"{answer_source(panel.name)}/rpc", f"{panel.topic}/online")


def _panel_hears(panel: PanelSpec) -> tuple[str, ...]:
    match panel.make:
        case Make.KUAHU:
            return (setting_topic(panel.name),)
        case Make.TASMOTA:
            return (f"cmnd/{panel.topic}/#",)
        case Make.SHELLY:
            return (f"{panel.topic}/rpc",)


_WATCHED = ("homeassistant/#", f"{ROOT}/mirror/#")


def _site_says(relays: tuple[RelaySpec, ...]) -> tuple[str, ...]:
    commands = [
        str(RelayTopic(relay.name, Kind.COMMAND))
        if relay.profile is Profile.KUAHU
        else f"cmnd/{relay.device or relay.name}/#"
        for relay in relays
    ]
    signs = [sign.topic(relay.name) for relay in relays if relay.profile is Profile.KUAHU]
    return (
        *commands,
        *signs,
        f"{ROOT}/lane/+/signal",
        f"{ROOT}/uses/+",
        f"{ROOT}/mirror/#",
        "homeassistant/+/+/+/config",
    )


def _site_hears(relays: tuple[RelaySpec, ...]) -> tuple[str, ...]:
    heard: list[str] = []
    for relay in relays:
        if relay.profile is Profile.KUAHU:
            heard += [str(RelayTopic(relay.name, kind)) for kind in _SAID]
        else:
            device = relay.device or relay.name
            heard += [f"stat/{device}/#", f"tele/{device}/#"]
    return (*heard, f"{ROOT}/uses/+", discovery.BIRTH)


def _relay(relay: RelaySpec, password: str, *, lamps: bool) -> Login:
    name = relay_login(relay.name)
    lamp = (topics.signal(relay.lane),) if lamps else ()
    if relay.profile is not Profile.KUAHU:
        device = relay.device or relay.name
        states = (f"stat/{device}/#", f"tele/{device}/#")
        return Login(name, password, states, (f"cmnd/{device}/#", *lamp))
    says = tuple(str(RelayTopic(relay.name, kind)) for kind in _SAID)
    told = (str(RelayTopic(relay.name, Kind.COMMAND)), sign.topic(relay.name))
    return Login(name, password, says, (*told, *lamp))
