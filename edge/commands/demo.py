"""`kuahu demo`: the demo compound, played or checked."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def demo(  # noqa: PLR0913 - the options of one command
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Play the story once, headless; exit 0 if all is well.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --check: one JSON object a step on stdout.")
    ] = False,
    resident: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The resident's portrait.")
    ] = None,
    stranger: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The stranger's portrait.")
    ] = None,
    broker: Annotated[
        str | None, typer.Option(help="Use this broker: mqtt://user:password@host:port.")
    ] = None,
    camera: Annotated[
        int | None, typer.Option(min=0, help="Use this USB camera as lane 1's.")
    ] = None,
    lan: Annotated[
        bool, typer.Option("--lan", help="Let real phones in this network open the pages.")
    ] = False,
    state: Annotated[
        Path | None, typer.Option(file_okay=False, help="Where the demo keeps its state.")
    ] = None,
) -> None:
    """Show the whole product on this machine: two lanes, simulated relays, and a story."""
    from edge.demo.command import DemoOptions, run  # noqa: PLC0415 - draws with OpenCV

    options = DemoOptions(
        check=check,
        as_json=as_json,
        resident=resident,
        stranger=stranger,
        broker=broker,
        camera=camera,
        state=state,
        lan=lan,
    )
    sys.exit(run(options))
