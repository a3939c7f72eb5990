"""How far a story fits tight hip flexors: a sum of points and its approved words. An aid, not a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.knowledge import Knowledge
from bot.triage.content import own_knowledge


@dataclass(frozen=True)
class HipFlexorFit:
    """The score (0 to 8), its band (low, some, strong), the points of each item that counted, and the words."""

    score: int
    band: str
    points: Mapping[str, int]
    text: str


def hip_flexor_score(facts: Mapping[str, Any], *, knowledge: Knowledge | None = None) -> HipFlexorFit:
    """The story score of these facts; absent ones have their default. Raises FactError for an impossible value."""
    known = knowledge or own_knowledge()
    filled = known.schema.filled(facts)
    points = {item.id: item.points for item in known.score.items if item.when.test(filled)}
    score = min(max(sum(points.values()), known.score.lowest), known.score.highest)
    band = next(band for band in known.score.bands if band.lowest <= score <= band.highest)
    return HipFlexorFit(score=score, band=band.id, points=points, text=band.text)
