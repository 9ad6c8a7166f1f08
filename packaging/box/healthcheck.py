#!/usr/bin/env python3
"""Ends with 0 when this machine's guard page says that it is well, else 1 and why on stderr.

With `--broker` it asks whether the site's broker takes connections instead.
"""

import http.client
import os
import socket
import ssl
import sys
from pathlib import Path

from config.load import load
from config.settings import Settings
from edge.places import Places
from models.errors import ConfigError

_PATIENCE = 8.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a site file may say


def page(settings: Settings) -> str | None:
    """Return what is wrong with the guard page, or None."""
    web = settings.web
    port_file = Places(settings.site.state).web_port
    port = int(port_file.read_text("ascii")) if port_file.exists() else web.port
    host = _EVERYWHERE.get(web.host, web.host)
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    if web.certificate is not None:
        # Whoever answers must hold our certificate; its name and issuer are the browsers' matter.
        context = ssl.create_default_context(cafile=web.certificate)
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        connection = http.client.HTTPSConnection(host, port, timeout=_PATIENCE, context=context)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"the page at {host}:{port} does not answer: {error}"
    finally:
        connection.close()
    return None if status == http.client.OK else f"the page says {status}: core does not answer"


def broker(settings: Settings) -> str | None:
    """Return what is wrong with the broker, or None."""
    where = (settings.broker.host, settings.broker.port)
    try:
        socket.create_connection(where, _PATIENCE).close()
    except OSError as error:
        return f"the broker at {where[0]}:{where[1]} does not answer: {error}"
    return None


def main() -> int:
    """Return the status to end with."""
    site = Path(os.environ.get("KUAHU_CONFIG", "/etc/kuahu/site.toml"))
    try:
        settings = load(site)
    except ConfigError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's answer
        return 1
    wrong = broker(settings) if sys.argv[1:] == ["--broker"] else page(settings)
    if wrong:
        print(wrong, file=sys.stderr)  # noqa: T201 - a command's answer
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
