"""How much a host page pays for the widget."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

WIDGET = Path(__file__).parent.parent.parent / "bot" / "widget"
LAUNCHER_BYTES = 5_000
OPENED_BYTES = 25_000
WHOLE_BYTES = 30_000
STATIC_IMPORT = re.compile(r'^import .* from "\./([\w-]+\.js)";$', re.MULTILINE)


def zipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def loaded_with(name: str) -> set[str]:
    """A file and all that it imports at once."""
    found, waiting = set(), [name]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += STATIC_IMPORT.findall((WIDGET / file).read_text(encoding="utf-8"))
    return found


def test_the_launcher_is_small_and_loads_nothing_until_it_is_opened() -> None:
    assert loaded_with("widget.js") == {"widget.js"}
    assert zipped(WIDGET / "widget.js") < LAUNCHER_BYTES


def test_the_opened_chat_is_small() -> None:
    opened = loaded_with("widget.js") | loaded_with("panel.js")
    assert "panel.js" in opened and "session.js" in opened
    assert sum(zipped(WIDGET / name) for name in opened) < OPENED_BYTES


def test_the_whole_chat_with_every_control_is_small() -> None:
    assert sum(zipped(path) for path in WIDGET.glob("*.js")) < WHOLE_BYTES
