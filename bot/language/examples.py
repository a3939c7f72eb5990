"""The reviewed examples of how patients tell danger signs, and of talk that only sounds like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from bot.knowledge.source import ContentFile, Entry
from bot.language.types import Assertion

EXAMPLES = Path(__file__).resolve().parents[1] / "knowledge" / "examples"


@dataclass(frozen=True)
class Examples:
    """Messages of one kind: what sign they tell, how it is meant, and of which facts; `flag` None for no sign."""

    flag: str | None
    assertion: Assertion
    facts: Mapping[str, Any]
    said: tuple[str, ...]


def read_examples(folder: Path = EXAMPLES) -> Iterator[Examples]:
    """Every example of the folder's files, in their order; ContentError with file and line where one is wrong."""
    for path in sorted(folder.glob("*.yml")):
        root = ContentFile(path).root()
        for entry in root.entries("signs"):
            yield _read_entry(entry)
        yield Examples(None, "absent", {}, root.texts("quiet", required=False))
        root.finish()


def _read_entry(entry: Entry) -> Examples:
    assertion: Assertion = entry.one_of("assertion", get_args(Assertion), "present")  # type: ignore[assignment]  # just checked
    facts = entry.mapping("facts")
    if assertion == "present" and not facts:
        entry.fail("say which facts a sign tells that is present, under 'facts'")
    found = Examples(entry.text("flag"), assertion, facts, entry.texts("say"))
    entry.finish()
    return found
