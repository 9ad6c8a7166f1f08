"""`/metrics`: the site in figures for a machine that asks, and who counts as one."""

import ipaddress

from fastapi import Request
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import CollectorRegistry
from starlette.responses import Response

from config.load import secret
from config.settings import Web
from edge.web.exposition import Exposition, Names
from edge.web.house import Here
from edge.web.seal import same
from models.errors import ConfigError

_OF_BROWSERS = ("cookie", "origin", "referer", "sec-fetch-site")
_OF_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-real-ip")


SHORTEST = 16
"""Letters of a token that nobody guesses."""


def token_of(web: Web) -> str:
    """Return what a machine must show to read figures; empty where the site file asks for nothing.

    Raises ConfigError when the token cannot be read or is too short.
    """
    token = secret(web.metrics_token, web.metrics_token_file)
    if token is not None and len(token) < SHORTEST:
        message = (
            f"the token for /metrics has {len(token)} letters and needs {SHORTEST}; "
            "make one with `openssl rand -hex 16`"
        )
        raise ConfigError(message)
    return token or ""


def is_machine(request: Request, token: str) -> bool:
    """Return whether `request` comes from what may read figures without a log-in.

    With a `token` in the site file: whoever sends it as a bearer. Without one: a program on this
    machine that asked it by its own address; no browser, nothing that a proxy passed on, and
    nothing whose `Host` is a name, which a page of a stranger could have chosen.
    """
    if token:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and same(given.strip(), token)
    if any(name in request.headers for name in (*_OF_BROWSERS, *_OF_PROXIES)):
        return False
    return _is_here(request.client.host if request.client else "") and _is_here(
        request.url.hostname or ""
    )


def _is_here(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


async def metrics(house: Here) -> Response:
    """Return every figure in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Exposition(house.board.snapshot, Names.of(house.settings)))
    return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_PLAIN_0_0_4})
