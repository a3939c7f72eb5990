"""Our language pipeline inside Rasa's: danger signs and the language of every message, whatever it was taken for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot import language
from bot.assistant.classifier import INTENT_RANKING_KEY
from bot.language import Flag
from bot.language.other_language import other_language
from bot.triage import assess

ENGLISH = "en"
_CRISIS_ROW = "E1"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class OtherLanguage(GraphComponent):  # type: ignore[misc]  # Rasa ships no types
    """Adds `language` (ISO 639-1), and makes the intent `other_language` where it is not English."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> OtherLanguage:
        """Nothing is learnt: the languages are in bot/knowledge/languages.yml."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the language of each message."""
        for message in messages:
            code = other_language(message.get(TEXT) or "")
            message.set("language", code or ENGLISH, add_to_output=True)
            if code:
                overrule(message, "other_language")
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DangerSigns(GraphComponent):  # type: ignore[misc]  # Rasa ships no types
    """Adds `flags` (each `id`, `assertion`, `facts`, `span`, `text`) and lets an affirmed emergency be the intent.

    Every assertion is handed on: what is only possible, or about somebody else, is for the actions to ask about.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DangerSigns:
        """Nothing is learnt here: the signs are read by `bot.language`."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the flags of each message, and its intent where they are an emergency."""
        for message in messages:
            flags = language.find_flags(message.get(TEXT) or "")
            message.set("flags", [as_json(flag) for flag in flags], add_to_output=True)
            intent = emergency_intent(flags)
            if intent:
                overrule(message, intent)
        return messages


def as_json(flag: Flag) -> dict[str, Any]:
    """A flag as the desk and the actions get it."""
    return {
        "id": flag.id,
        "assertion": flag.assertion,
        "facts": dict(flag.facts),
        "span": list(flag.span),
        "text": flag.text,
    }


def emergency_intent(flags: Iterable[Flag]) -> str | None:
    """`crisis` or `report_red_flag` when what the patient affirms is an emergency by the triage table, else None."""
    present = [flag.facts for flag in flags if flag.assertion == "present"]
    together = {name: value for facts in present for name, value in facts.items()}
    # A sign alone can be an emergency that a later mention in the same message would hide in `together`.
    rows = {row for facts in (*present, together) if (row := _emergency_row(facts)) is not None}
    if not rows:
        return None
    return "crisis" if _CRISIS_ROW in rows else "report_red_flag"


def _emergency_row(facts: Mapping[str, Any]) -> str | None:
    assessment = assess(facts)
    return assessment.row if assessment.disposition == "emergency" else None


def overrule(message: Message, intent: str) -> None:
    """Make this the intent, certain, and first in the ranking; what the classifier thought follows it."""
    certain = {INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: 1.0}
    others = [entry for entry in message.get(INTENT_RANKING_KEY) or [] if entry[INTENT_NAME_KEY] != intent]
    message.set(INTENT, certain, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [certain, *others], add_to_output=True)
    message.set("fallback", False, add_to_output=True)
