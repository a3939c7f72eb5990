"""The words of the plan page and of the clinic's page, from one reviewed file, filled with the clinic's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.clinic import Clinic
from bot.knowledge.source import ContentFile

TEXTS = Path(__file__).parent.parent.parent / "knowledge" / "page_texts.yml"


class PageTexts:
    """One part of the file: `part("key")` is a filled text; `part.each("key")` the entries of a list or mapping."""

    def __init__(self, clinic: Clinic, part: str, path: Path = TEXTS) -> None:
        self._texts = ContentFile(path).root().mapping(part)
        self._words = clinic.words()

    def __call__(self, key: str, **more: object) -> str:
        """The text; raises KeyError for one that is not in the file, or a word that nothing fills."""
        return str(self._texts[key]).format_map({**self._words, **more})

    def each(self, key: str) -> Any:
        """A list or mapping of texts, filled; raises KeyError."""
        return self._filled(self._texts[key])

    def _filled(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: self._filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        return str(value).format_map(self._words)
