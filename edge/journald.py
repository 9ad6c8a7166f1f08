"""Logging as the journal of the machine wants it: one line an entry, no personal data."""

import logging
import os
import sys

import structlog

_NOISY = ("httpx", "httpcore", "uvicorn", "alembic", "amqtt", "transitions", "PIL", "asyncio")


def configure_logging(process: str, *, level: int = logging.INFO) -> None:
    """Send every log line of this process to stderr: JSON under systemd, readable in a terminal."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
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
                structlog.processors.format_exc_info,
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
