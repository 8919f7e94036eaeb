"""What a process says while it runs: one JSON object a line on standard error. No line holds personal data."""

import faulthandler
import logging  # noqa: TID251 - Faust and its Kafka client speak through it: what they say is made JSON here
import signal
import sys
from types import TracebackType
from typing import Any

import structlog

from lantaarn.mending import reason_of

QUIET_SECONDS = 10.0
"""How long a line of a library is not said again."""


def log_as_json(process: str) -> None:
    """Let everything that is said from now on, libraries included, come out as JSON, for whatever collects logs."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_trace),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    theirs = structlog.stdlib.ProcessorFormatter
    last: list[structlog.typing.Processor] = [theirs.remove_processors_meta, structlog.processors.JSONRenderer()]
    handler.setFormatter(theirs(foreign_pre_chain=shared, processors=last))
    handler.addFilter(OnceInAWhile())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.contextvars.bind_contextvars(process=process)
    sys.excepthook = _last_words
    faulthandler.enable()  # what a crash in a client's C code leaves behind
    faulthandler.register(signal.SIGUSR1)  # where a process that stands still is, without stopping it: no values


class OnceInAWhile(logging.Filter):
    """Lets a library's line through, then not again for `QUIET_SECONDS`; the next one tells how many were held back.

    The Kafka client of Faust says some forty times a second that a broker is away, for as long as it is away. Lines
    are the same when they come from one place in the code with one kind of error, whatever they name.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[object, ...], float] = {}
        self._held_back: dict[tuple[object, ...], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this one is to be said."""
        place = (record.pathname, record.lineno, record.exc_info[0] if record.exc_info else None)
        if record.created < self._said.get(place, 0.0) + QUIET_SECONDS:
            self._held_back[place] = self._held_back.get(place, 0) + 1
            return False
        self._said[place] = record.created
        if held_back := self._held_back.pop(place, 0):
            record.msg, record.args = f"{record.getMessage()} (and {held_back} more like it since the last)", ()
        return True


def _trace(exc_info: Any) -> Any:
    """Kinds of error and where in the code: their texts and the local variables may hold a record's content."""
    chain = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)(exc_info)
    return [
        {
            "exc_type": error["exc_type"],
            "frames": [f"{frame['filename']}:{frame['lineno']} {frame['name']}" for frame in error["frames"]],
        }
        for error in chain
    ]


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    reason = reason_of(error)
    told = {} if reason is None else {"reason": reason}
    structlog.get_logger().critical("process ends", error=kind.__name__, **told, exc_info=(kind, error, trace))
