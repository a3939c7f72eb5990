"""What the assistant knows, as reviewed YAML, and the loader that refuses bad content.

from bot.knowledge import load_knowledge
knowledge = load_knowledge()                 # about 60 ms; keep it
knowledge.questions["age"].web               # Questions, Question, Option, Card
knowledge.rules["E2"].reason                 # Rules, Rule
knowledge.safety.cards["ces"].first          # SafetyTexts, SafetyCard, LanguageCard
knowledge.answers["ask_massage"].text        # Answer
fill(knowledge.answers["ask_cost"].text, clinic.words())
"""

from collections.abc import Mapping

from bot.knowledge.facts import Fact, FactError, FactSchema, fact_schema
from bot.knowledge.load import CONTENT_FOLDER, Knowledge, load_knowledge
from bot.knowledge.questions import Card, Option, Question, Questions
from bot.knowledge.red_flags import FlagPattern, RedFlag
from bot.knowledge.rules import DISPOSITIONS, Rule, Rules
from bot.knowledge.source import ContentError
from bot.knowledge.stretches import Catalogue, Rung, Stretch
from bot.knowledge.texts import Answer, Explanation, Hazard, LanguageCard, Muscle, SafetyCard, SafetyTexts, Sentence


def fill(text: str, words: Mapping[str, str]) -> str:
    """The text with its placeholders filled; raises KeyError for one that `words` does not have."""
    return text.format_map(words) if "{" in text else text


__all__ = [
    "CONTENT_FOLDER",
    "DISPOSITIONS",
    "Answer",
    "Card",
    "Catalogue",
    "ContentError",
    "Explanation",
    "Fact",
    "FactError",
    "FactSchema",
    "FlagPattern",
    "Hazard",
    "Knowledge",
    "LanguageCard",
    "Muscle",
    "Option",
    "Question",
    "Questions",
    "RedFlag",
    "Rule",
    "Rules",
    "Rung",
    "SafetyCard",
    "SafetyTexts",
    "Sentence",
    "Stretch",
    "fact_schema",
    "fill",
    "load_knowledge",
]
