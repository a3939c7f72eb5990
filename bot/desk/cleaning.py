"""Makes what comes from outside safe to store: nothing else about it is changed."""

from __future__ import annotations

import re
from typing import Any

# NUL cannot be stored by PostgreSQL, a lone surrogate cannot be written as UTF-8. One character stays one
# character, so that positions in the text stay true.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def clean_text(text: str) -> str:
    """The text with every character that a database refuses replaced by U+FFFD."""
    return _UNSTORABLE.sub(REPLACEMENT, text)


def clean_json(value: Any) -> Any:
    """The same for every string inside a JSON value, keys included."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(str(key)): clean_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(item) for item in value]
    return value
