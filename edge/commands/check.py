"""`kuahu check-config` and `kuahu doctor`: is this site sound, and what to do if not."""

import sys

import typer

from edge.commands.site import DEFAULT, ConfigOption, open_site
from edge.sound import check_site


def check_config(config: ConfigOption = DEFAULT) -> None:
    """Read the site file and say what is in it; exit 78 with the reason when it cannot be used."""
    site = open_site(config)
    settings = site.settings
    check_site(settings, site.places)
    typer.echo(f"{config} is good: {settings.site.name}, compound {settings.site.compound}")
    for lane in settings.lane:
        ways = ", ".join(sorted(lane.credentials))
        typer.echo(
            f"lane {lane.number} {lane.name}: {lane.kind}, {'+'.join(sorted(lane.directions))}, "
            f"relay {lane.relay} ({lane.drive}), ways in: {ways}, liveness {lane.liveness}"
        )


def doctor(config: ConfigOption = DEFAULT) -> None:
    """Look at cameras, broker, relays, weights, disk and clock; say what to do about each."""
    from edge.doctor import examine_site  # noqa: PLC0415 - loads OpenCV and the models

    sound = True
    site = open_site(config)
    for finding in examine_site(site.settings, site.places):
        sound &= finding.ok
        mark = "ok  " if finding.ok else "MEND"
        advice = f"\n       -> {finding.advice}" if finding.advice else ""
        word = f" ({finding.ailment})" if finding.ailment else ""
        typer.echo(f"{mark} {finding.part}: {finding.text}{word}{advice}")
    sys.exit(0 if sound else 1)
