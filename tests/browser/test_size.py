"""How much a host page pays for the widget."""

from __future__ import annotations

import gzip
from pathlib import Path

WIDGET = Path(__file__).parent.parent.parent / "bot" / "widget"
LAUNCHER_BYTES = 5_000
CODE_BYTES = 25_000


def zipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def test_the_launcher_is_small() -> None:
    assert zipped(WIDGET / "widget.js") < LAUNCHER_BYTES


def test_the_launcher_loads_nothing_until_it_is_opened() -> None:
    lines = (WIDGET / "widget.js").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line.startswith(("import ", "import{", "export * from"))]


def test_the_whole_chat_is_small() -> None:
    assert sum(zipped(path) for path in WIDGET.glob("*.js")) < CODE_BYTES
