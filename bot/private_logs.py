"""Logging that cannot give a patient away: what an error says stays out, only where it happened is written."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import TypeAlias

ExcInfo: TypeAlias = "tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]"

HARMLESS = (ImportError, OSError)  # their messages name modules, files and addresses


def where(error: BaseException) -> str:
    """The kind of an error and the lines it came through; not its message, which may quote a patient."""
    frames = traceback.extract_tb(error.__traceback__)
    path = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    message = f" ({error})" if isinstance(error, HARMLESS) else ""
    cause = f"; caused by {where(error.__cause__)}" if error.__cause__ else ""
    return f"{type(error).__name__}{message} at {path or 'unknown'}{cause}"


class PrivateFormatter(logging.Formatter):
    """One line for one record, exceptions without their messages."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatException(self, ei: ExcInfo) -> str:
        """Where the error happened."""
        return where(ei[1]) if ei[1] is not None else ""

    def formatStack(self, stack_info: str) -> str:
        """Nothing: a stack dump may show values."""
        return ""


def configure_logging() -> None:
    """Send our own records from INFO and everyone else's from WARNING to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PrivateFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # Rasa's and its dependencies' warnings are for their developers, and some quote what was written.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    for name in ("bot", "actions"):
        logging.getLogger(name).setLevel(logging.INFO)
