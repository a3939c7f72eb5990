"""`python -m bot.knowledge.book`: all content as one printable page, with boxes to sign and what changed since.

python -m bot.knowledge.book --output var/content-book.html
python -m bot.knowledge.book --sign "Name, licence"     # record that this version was signed today
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.knowledge.claims import patient_texts, read_claims
from bot.knowledge.load import CONTENT_FILES, CONTENT_FOLDER, SIGNED_FILE, load_knowledge
from bot.knowledge.source import ContentFile

NAMES = ("id", "row", "rung", "pattern", "service", "permission")
"""Keys that name an item of a list, so that a change is reported by name and not by number."""


@dataclass(frozen=True)
class Signed:
    """The last signed version: who, when, and the digest of each part as it was then."""

    version: str
    by: str
    on: date
    parts: Mapping[str, str]


@dataclass(frozen=True)
class Changes:
    """The parts (such as rules/rules/E2) that are new, changed or gone since the signed version."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def fresh(self) -> frozenset[str]:
        """What must be read again: new and changed parts."""
        return frozenset((*self.added, *self.changed))

    @property
    def any(self) -> bool:
        """Whether anything is different."""
        return bool(self.added or self.changed or self.removed)


def content_parts(folder: Path = CONTENT_FOLDER) -> dict[str, str]:
    """A digest for each part of the content, named file/section/item."""
    parts: dict[str, str] = {}
    for path in sorted(folder.glob("*.yml")):
        if path.name == SIGNED_FILE:
            continue
        for section, value in ContentFile(path).data.items():
            for item, content in _items(value):
                key = f"{path.stem}/{section}/{item}" if item else f"{path.stem}/{section}"
                parts[key] = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]
    parts.pop("version/version", None)
    return parts


def read_signed(folder: Path = CONTENT_FOLDER) -> Signed | None:
    """The last signed version, None when nothing was ever signed."""
    path = folder / SIGNED_FILE
    if not path.exists():
        return None
    root = ContentFile(path).root()
    on = root.raw("on")
    if not isinstance(on, date):
        root.fail("write the date of signing for 'on'", "on")
    signed = Signed(
        root.text("version"), root.text("by"), on, {str(k): str(v) for k, v in root.mapping("parts").items()}
    )
    root.finish()
    return signed


def changes_since(signed: Signed | None, parts: Mapping[str, str]) -> Changes:
    """What is new, changed or gone since the signed version; everything is new when there is none."""
    before: Mapping[str, str] = signed.parts if signed else {}
    return Changes(
        added=tuple(name for name in parts if name not in before),
        changed=tuple(name for name in parts if name in before and before[name] != parts[name]),
        removed=tuple(name for name in before if name not in parts),
    )


def sign(by: str, on: date, folder: Path = CONTENT_FOLDER) -> Signed:
    """Record that the content as it is now was signed; raises ContentError when it is not sound."""
    signed = Signed(load_knowledge(folder).version, by, on, content_parts(folder))
    text = yaml.safe_dump(
        {"version": signed.version, "by": by, "on": on, "parts": dict(signed.parts)},
        sort_keys=False,
        allow_unicode=True,
    )
    (folder / SIGNED_FILE).write_text(
        "# The last signed version, written by `python -m bot.knowledge.book --sign`.\n" + text, encoding="utf-8"
    )
    return signed


def book(folder: Path = CONTENT_FOLDER) -> str:
    """The content book as one HTML page; raises ContentError."""
    knowledge = load_knowledge(folder)
    signed = read_signed(folder)
    environment = Environment(
        loader=FileSystemLoader(CONTENT_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("book.html.j2").render(
        knowledge=knowledge,
        claims=read_claims(ContentFile(folder / "claims.yml")),
        signed=signed,
        changes=changes_since(signed, content_parts(folder)),
        others={path.stem: _texts(ContentFile(path).data) for path in _other_files(folder)},
        status=ContentFile(folder / "version.yml").data["status"],
    )


def _other_files(folder: Path) -> list[Path]:
    """The content files that belong to other rooms: their patients' texts are printed as they stand."""
    known = {*CONTENT_FILES, Path(SIGNED_FILE).stem}
    return [path for path in sorted(folder.glob("*.yml")) if path.stem not in known]


def _texts(data: Any) -> list[tuple[str, str]]:
    """Every text in the data, with its place in words."""
    return [("/".join(str(step) for step in where), text) for where, text in patient_texts(data, ())]


def _items(value: Any) -> list[tuple[str, Any]]:
    """The named items of a section, or the section as a whole."""
    if isinstance(value, dict):
        return [(str(name), item) for name, item in value.items()]
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return [(_name(item, index), item) for index, item in enumerate(value)]
    return [("", value)]


def _name(item: Mapping[str, Any], index: int) -> str:
    for key in NAMES:
        if key in item and sum(1 for other in NAMES if other in item) == 1:
            return str(item[key])
    return str(index + 1)


def main(arguments: list[str] | None = None) -> int:
    """Write the book, or sign the content."""
    parser = argparse.ArgumentParser(prog="python -m bot.knowledge.book", description="The content, to print and sign.")
    parser.add_argument("--output", type=Path, default=Path("var/content-book.html"), help="where to write the page")
    parser.add_argument("--sign", metavar="NAME", help="record that NAME signed the content as it is now")
    chosen = parser.parse_args(arguments)
    if chosen.sign:
        sign(chosen.sign, datetime.now(timezone.utc).date())
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(book(), encoding="utf-8")
    sys.stdout.write(f"{chosen.output}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
