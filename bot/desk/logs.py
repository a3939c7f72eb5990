"""Structured logs in which no patient can be recognised: no words, no tokens, conversation ids shortened to a hash."""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from bot.private_logs import PrivateFormatter, where


def short(conversation_id: str) -> str:
    """A conversation's name in the logs: the same each time, and no way back to its id."""
    return hashlib.sha256(conversation_id.encode()).hexdigest()[:10]


def where_it_failed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its class and lines of code: its message may carry what a patient wrote."""
    error = event.pop("error_object", None)
    if isinstance(error, BaseException):
        event["error"] = where(error)
    return event


def configure(level: int = logging.INFO) -> None:
    """JSON lines on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            where_it_failed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PrivateFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
