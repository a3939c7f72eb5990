"""Putting a question (or a card of questions) to the patient."""

from __future__ import annotations

from typing import Any

from actions.buttons import button
from actions.turn import Turn
from bot.knowledge import Card

CONSENT = "consent"


def ask_consent(turn: Turn) -> None:
    """Consent as the clinical brief words it, before any health question."""
    turn.chat.open = [CONSENT]
    *before, last = turn.content.bubbles(turn.content.question(CONSENT, turn.one_at_a_time))
    for text in before:
        turn.replies.tell(text)
    turn.replies.tell(
        last,
        ask={"questions": [CONSENT], "kind": "yes_no"},
        choices=[
            button("agree", questions=[CONSENT], facts={CONSENT: True}),
            button("not_now", questions=[CONSENT], facts={CONSENT: False}),
        ],
        links=[turn.content.link("privacy", turn.content.clinic.privacy_notice_url)],
    )


def ask(turn: Turn, card: Card) -> None:
    """Ask these questions and wait for their answers."""
    turn.chat.open = list(card.question_ids)
    turn.replies.tell(turn.content.fill(card.text), ask=ask_part(card))


def ask_part(card: Card) -> dict[str, Any]:
    """The contract's `ask` for a card."""
    part: dict[str, Any] = {"questions": list(card.question_ids), "kind": card.kind}
    limits = {"min": card.minimum, "max": card.maximum, "unit": card.unit}
    part.update({key: value for key, value in limits.items() if value is not None})
    if card.options:
        part["options"] = [{"id": option.id, "title": option.title} for option in card.options]
    return part
