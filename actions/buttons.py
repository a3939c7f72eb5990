"""The assistant's own buttons: their words come from bot/knowledge/buttons.yml, their effect from the caller."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

import bot.knowledge

BUTTONS_FILE = Path(bot.knowledge.__file__).with_name("buttons.yml")


@lru_cache(maxsize=1)
def _buttons() -> dict[str, dict[str, str]]:
    content: dict[str, dict[str, str]] = yaml.safe_load(BUTTONS_FILE.read_text(encoding="utf-8"))
    return content


def button(id: str, *, intent: str | None = None, title: str | None = None, **answer: Any) -> dict[str, Any]:
    """A choice of the desk protocol; `answer` comes back untouched when it is tapped. KeyError: no such button."""
    known = _buttons().get(id, {}) if title and intent else _buttons()[id]
    send: dict[str, Any] = {"intent": intent or known["intent"]}
    if answer:
        send["answer"] = answer
    return {"id": id, "title": title or known["title"], "send": send}


def yes_or_no(**answer: Any) -> list[dict[str, Any]]:
    """Yes and no."""
    return [button("yes", yes=True, **answer), button("no", yes=False, **answer)]


def yes_no_not_sure() -> list[dict[str, Any]]:
    """The three buttons of a safety question."""
    return [*yes_or_no(), button("not_sure", yes=None)]
