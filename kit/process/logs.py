"""Loggers whose lines cannot show personal data, whoever writes them.

A line shows three kinds of things and nothing else:

- values under keys that were declared safe, when they are plain values (`kit.process.redaction`);
- text that stands in the source code: the event, up to the first interpolated value (`kit.process.source_text`);
- the types of exceptions and the places they passed through, never their messages (`kit.process.traces`).

The same holds for the libraries' own lines, for warnings and for uncaught exceptions, once `kit.process.log_setup` has
configured the process. One thing goes round all this: a handler that a library sets up for itself. Never switch on
such a thing as SQLAlchemy's `echo`.
"""

import logging
from typing import cast

import structlog
from structlog.typing import Processor

PROCESSORS: list[Processor] = [
    structlog.stdlib.filter_by_level,
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]
"""Steps before a line reaches its handler, which redacts it."""


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Makes the logger of a module. Write the event as a literal, and data as keyword arguments under safe keys."""
    # Not structlog.get_logger: unless configured, that one prints everything it is given on stdout.
    return cast(
        structlog.stdlib.BoundLogger,
        structlog.wrap_logger(
            logging.getLogger(name),
            processors=PROCESSORS,
            wrapper_class=structlog.stdlib.BoundLogger,
            context_class=dict,
            cache_logger_on_first_use=True,
        ),
    )
