"""Logging as the journal of the machine wants it: one line an entry, no personal data."""

import logging
import os
import sys
import traceback

import structlog

EXTRA = ("state", "part", "seconds", "flaps")
"""What a record may carry besides its sentence (edge/complaint.py)."""
_NOISY = ("httpx", "httpcore", "uvicorn", "alembic", "amqtt", "transitions", "PIL", "asyncio")


def configure_logging(process: str, *, level: int = logging.INFO) -> None:
    """Send every log line of this process to stderr: JSON under systemd, readable in a terminal."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=EXTRA),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_json = "JOURNAL_STREAM" in os.environ or not sys.stderr.isatty()
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=True)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _named(process)],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _places_of_an_error,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _named(process: str) -> structlog.typing.Processor:
    def name(
        _logger: object, _method: str, entry: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        entry["process"] = process
        return entry

    return name


def _places_of_an_error(
    _logger: object, _method: str, entry: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Return the entry with its error as kinds and places: an error's own words may hold a name."""
    info = entry.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    said: list[str] = []
    while isinstance(error, BaseException):
        number = f" [Errno {error.errno}]" if isinstance(error, OSError) and error.errno else ""
        frames = "".join(traceback.format_tb(error.__traceback__))
        said.append(f"{frames}{type(error).__module__}.{type(error).__qualname__}{number}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if said:
        entry["exception"] = "\nbecause of\n".join(said)
    return entry
