"""Looks for danger in a patient's words while the assistant is away.

Reading needs the language pipeline, which is large: it is loaded only here, when it is needed for the first
time. A failure to read counts as danger: a card too many is better than one too few.
"""

from __future__ import annotations

from typing import NamedTuple

import structlog

log = structlog.get_logger(__name__)


class Danger(NamedTuple):
    """What was found: the kind of alert for staff (`emergency`, `crisis`) and the row of the triage table."""

    kind: str
    row: str


def look_for_danger(text: str) -> Danger | None:
    """The danger in these words, if there may be one."""
    try:
        from bot.language import find_flags
        from bot.triage import assess

        found = [flag.facts for flag in find_flags(text) if flag.assertion in ("present", "possible")]
        together = {name: value for facts in found for name, value in facts.items()}
        # One flag may hide a worse one in `together`, so each is also looked at alone.
        assessments = [assess(facts) for facts in (*found, together)]
    except Exception as error:
        log.error("fallback_failed", error_object=error)
        return Danger("emergency", "unread")
    rows = [assessment.row for assessment in assessments if assessment.disposition == "emergency"]
    if not rows:
        return None
    in_crisis = any(facts.get("suicidal", "none") != "none" for facts in found)
    return Danger("crisis" if in_crisis else "emergency", rows[0])
