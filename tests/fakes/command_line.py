"""`kuahu` as a test calls it, in this process, with a site file."""

from pathlib import Path

from typer.testing import CliRunner, Result

from edge.cli import app


def kuahu(site: Path, *words: str, feed: str | None = None) -> Result:
    """Return what a command did."""
    return CliRunner().invoke(app, [*words, "--config", str(site)], input=feed)


def ok(site: Path, *words: str, feed: str | None = None) -> str:
    """Return what a command said that must go well."""
    result = kuahu(site, *words, feed=feed)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output
