"""`kuahu eval`: how well this site recognises what a folder of labelled pictures shows."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from config.settings import Recognition
from edge.commands.site import open_site
from edge.eval.labels import Unusable
from edge.eval.subjects import SUBJECTS
from models.errors import InputError

EX_UNUSABLE = 2

app = typer.Typer(
    help="Score recognition on a folder of labelled pictures: one JSON line on stdout.",
    no_args_is_help=True,
)

FolderArgument = Annotated[
    Path,
    typer.Argument(metavar="DIR", help="Pictures and a labels.csv (docs/recognition.md)."),
]
HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Also write a page with plots and misses."),
]
SiteOption = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", envvar="KUAHU_CONFIG", help="A site file whose engines are scored."
    ),
]


def _command(subject: str) -> Callable[[Path, Path | None, Path | None], None]:
    def evaluate(
        folder: FolderArgument, html: HtmlOption = None, config: SiteOption = None
    ) -> None:
        recognition = Recognition() if config is None else open_site(config).settings.recognition
        from edge.eval.line import line  # noqa: PLC0415 - loads numpy
        from edge.eval.page import page  # noqa: PLC0415 - loads OpenCV

        _, scorer = SUBJECTS[subject]
        try:
            score = scorer()(folder, recognition, _say)
        except Unusable as error:
            _say(str(error))
            raise typer.Exit(EX_UNUSABLE) from error
        if html is not None:
            _write(html, page(f"{subject}: {folder.resolve().name}", score))
        typer.echo(line(score))

    return evaluate


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}); name another file with --html"
        raise InputError(message) from error
    _say(f"the page is {path}")


for _subject, (_help, _) in SUBJECTS.items():
    app.command(_subject, help=_help)(_command(_subject))
