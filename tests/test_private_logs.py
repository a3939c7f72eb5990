"""What an error says never reaches a log; where it happened does."""

from __future__ import annotations

import io
import logging
import warnings

import pytest

from bot.private_logs import PrivateFormatter, configure_logging, where

SECRET = "my leg went numb"


def failing() -> None:
    raise ValueError(f"cannot read {SECRET}")


def test_a_logged_exception_keeps_its_place_and_loses_its_message() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PrivateFormatter())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    try:
        failing()
    except ValueError:
        logger.exception("reading failed", stack_info=True)
    written = stream.getvalue()
    assert "reading failed" in written
    assert "ValueError" in written
    assert "failing" in written
    assert SECRET not in written


def test_where_names_the_cause() -> None:
    try:
        try:
            failing()
        except ValueError as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError as error:
        told = where(error)
    assert told.startswith("RuntimeError at ")
    assert "caused by ValueError at " in told
    assert told.endswith("test_where_names_the_cause")
    assert SECRET not in told


def test_missing_modules_and_files_are_named() -> None:
    assert "no_such_module" in where(ModuleNotFoundError("No module named 'no_such_module'"))


def test_warnings_and_low_levels_stay_out(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    try:
        configure_logging()
        logging.getLogger("rasa.core.processor").info(SECRET)
        warnings.warn(SECRET, UserWarning, stacklevel=1)
        logging.getLogger("bot.assistant").info("said on purpose")
        written = capsys.readouterr().err
    finally:
        logging.captureWarnings(False)
        root.setLevel(before[0])
        root.handlers[:] = before[1]
    assert SECRET not in written
    assert "said on purpose" in written
