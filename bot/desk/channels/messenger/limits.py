"""The sizes that Meta allows, and cutting texts to them."""

from __future__ import annotations

import re

TEXT = 2000
TEMPLATE_TEXT = 640
TITLE = 20
PAYLOAD = 1000
BUTTONS = 3
QUICK_REPLIES = 13
ELEMENTS = 10
ELEMENT_TITLE = 80
_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+|\n+")


def shorten(text: str, most: int) -> str:
    """The text in at most so many characters, cut at a word where that leaves enough of it."""
    text = " ".join(text.split())
    if size(text) <= most:
        return text
    cut = _fitting(text, most - 1)
    space = cut.rfind(" ")
    return (cut[:space] if space > most // 2 else cut).rstrip(" ,;:.") + "…"


def size(text: str) -> int:
    """Characters as JavaScript counts them: the stricter way, in case Meta counts so."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fitting(text: str, most: int) -> str:
    """The longest beginning of at most so many characters."""
    cut = text[:most]
    while size(cut) > most:
        cut = cut[: len(cut) - max(1, (size(cut) - most) // 2)]
    return cut


def split(text: str, most: int) -> list[str]:
    """The text in pieces of at most `most`: ended at a paragraph, else a sentence, else a word; none is empty."""
    pieces: list[str] = []
    rest = text.strip()
    while size(rest) > most:
        head = _fitting(rest, most)
        end = _last_end(head)
        pieces.append(rest[:end].strip())
        rest = rest[end:].strip()
    return [piece for piece in (*pieces, rest) if piece]


def _last_end(head: str) -> int:
    """Where to cut: as late as it goes in the second half, else anywhere that is not inside a word."""
    paragraph = head.rfind("\n\n")
    if paragraph > len(head) // 2:
        return paragraph
    ends = [match.end() for match in _SENTENCE_END.finditer(head)]
    if ends and ends[-1] > len(head) // 4:
        return ends[-1]
    space = head.rfind(" ")
    return space if space > 0 else len(head)
