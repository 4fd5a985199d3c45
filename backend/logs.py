"""Structured logs: one JSON object a line on standard error, with ids and never with personal data."""

import logging
import sys

import msgspec
import structlog
from structlog.typing import EventDict, Processor

_encoder = msgspec.json.Encoder(enc_hook=repr)


def _render(_: object, __: str, line: EventDict) -> str:
    return _encoder.encode(line).decode()


def configure(level: str, *more: Processor) -> None:
    """Set the process's logging up; called once per process, and once again by who adds to each line."""
    number = logging.getLevelNamesMapping()[level.upper()]
    about: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *more,
    ]
    last: list[Processor] = [
        structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
        _render,
    ]
    structlog.configure(
        processors=[*about, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    # What libraries log by Python's own means becomes such a line too, from a warning up.
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*about, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[lines], force=True)
