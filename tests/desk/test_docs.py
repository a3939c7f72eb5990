"""docs/desk.md names what is there."""

from __future__ import annotations

from pathlib import Path

from bot.desk import desk as desk_room
from bot.desk.errors import CODES
from bot.desk.metrics import Metrics

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "desk.md").read_text(encoding="utf-8")


def test_every_metric_is_described() -> None:
    names = {metric.name for metric in Metrics().registry.collect()}
    assert [name for name in sorted(names) if f"`{name}`" not in PAGE] == []


def test_every_file_is_on_the_map() -> None:
    folder = Path(desk_room.__file__).parent
    files = {path.name for path in folder.glob("*.py")} - {"__init__.py"}
    assert [name for name in sorted(files) if f"{name}`" not in PAGE] == []


def test_every_error_code_is_listed() -> None:
    assert [code for code, _ in CODES.values() if f"`{code}`" not in PAGE] == []
