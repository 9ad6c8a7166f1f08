"""`kuahu centre`: the far end, for trying out and for one's own server."""

import os
import sys
from typing import Annotated

import typer


def centre(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8090,
) -> None:
    """Run a centre; its database and token come from the environment (docs/centre.md)."""
    # A program of its own: the edge and the centre never import each other.
    command = [sys.executable, "-m", "central", host, str(port)]
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter and module
