"""The content that decisions use when none is given: the program's own, read once."""

from __future__ import annotations

from functools import lru_cache

from bot.knowledge import Knowledge, load_knowledge


@lru_cache(maxsize=1)
def own_knowledge() -> Knowledge:
    """The program's own content; frozen, so that sharing it is safe."""
    return load_knowledge()
