"""The reviewed content that the actions speak from, loaded once for each process."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import yaml

from bot.booking.compose import booking_service
from bot.booking.service import BookingService
from bot.clinic import Clinic, load_clinic
from bot.knowledge import CONTENT_FOLDER, Card, Knowledge, Question, SafetyCard, load_knowledge
from bot.knowledge.rules import Rule
from bot.plan_links import PlanLinks
from bot.settings import Settings
from bot.store import Database

BUBBLE = 600  # characters of one message, at most
WATCH_CARD = "ces_watch"
SPOKEN = "en"
PERSONAL = frozenset({"saddle_bladder_bowel", "sexual_function", "mood_safety"})


class Content:
    """Knowledge, clinic and appointment book, and the texts made of them."""

    def __init__(
        self, knowledge: Knowledge, clinic: Clinic, bookings: BookingService, plans: PlanLinks, web_chat: str
    ) -> None:
        self.knowledge = knowledge
        self.clinic = clinic
        self.bookings = bookings
        self.plans = plans
        self.fact_names = frozenset(knowledge.schema.facts)
        self.emergency_flags = frozenset(
            name for name, flag in knowledge.red_flags.items() if flag.disposition == "emergency"
        )
        self._plans = (*knowledge.questions.plans, *knowledge.questions.hurry_plans)
        self._words = {**clinic.words(), "web_chat": web_chat}

    def fill(self, text: str) -> str:
        """A text with its placeholders filled from the clinic's file."""
        return text.format_map({**self._words, "value": ""})

    def reply(self, name: str, /, **values: str) -> str:
        """One of the assistant's own replies (replies.yml), with these values and the clinic's. KeyError: no such."""
        return self.knowledge.replies[name].format_map({**self._words, **values})

    def question(self, question_id: str, one_at_a_time: bool) -> str:
        """How a question is worded on this channel."""
        question = self.knowledge.questions[question_id]
        return self.fill(question.messenger if one_at_a_time else question.web)

    def bubbles(self, text: str) -> list[str]:
        """A long text in bubbles of at most 600 characters, cut between sentences."""
        bubbles: list[str] = [""]
        for sentence in text.replace("? ", "?\n").replace(". ", ".\n").split("\n"):
            if len(bubbles[-1]) + len(sentence) >= BUBBLE * 2 // 3:
                bubbles.append("")
            bubbles[-1] = f"{bubbles[-1]} {sentence}".strip()
        return bubbles

    def bad_input(self, question_id: str, reason: str) -> str:
        """What is said when an answer does not help, for this reason."""
        texts = self.knowledge.questions[question_id].bad_input
        return self.fill(texts.get(reason) or texts["unclear"])

    def rule(self, row: str) -> Rule:
        """A row of the table."""
        return self.knowledge.rules[row]

    def safety_card(self, row: str) -> SafetyCard:
        """The card of a row; the watch card where a row has none of its own."""
        return self.knowledge.safety.cards[self.rule(row).card or WATCH_CARD]

    def watch_card(self) -> SafetyCard:
        """The card of signs that need help at once."""
        return self.knowledge.safety.cards[WATCH_CARD]

    def call(self, card: SafetyCard) -> dict[str, str]:
        """The number that stands first on a card, to be tapped, with its words."""
        if card.call == "crisis":
            return {"number": self.clinic.crisis.number, "text": self.clinic.crisis.text}
        return {"number": self.clinic.emergency.number, "text": self._words[card.call]}

    def drawn(self, card: SafetyCard) -> dict[str, Any]:
        """A safety card as channels draw it."""
        return {
            "title": self.fill(card.title),
            "first": self.fill(card.first),
            "say": self.fill(card.say),
            "meanwhile": [self.fill(line) for line in card.meanwhile],
            "call": self.call(card),
            "emergency": {"number": self.clinic.emergency.number, "text": self.clinic.emergency.label},
        }

    def foreign_card(self, code: str) -> list[str]:
        """The emergency card in a language that the assistant does not speak, one bubble to a part."""
        languages = self.knowledge.safety.languages
        card = languages.get(code, languages[SPOKEN])
        return [self.fill(text) for text in (card.emergency, card.crisis, card.clinic)]

    def questions_about(self, facts: Mapping[str, Any]) -> list[str]:
        """The questions that ask for any of these facts, in the order of asking."""
        return [question.id for question in self.knowledge.questions.all if set(question.fills) & set(facts)][:1]

    def answer(self, intent: str) -> str:
        """The answer to a common question."""
        return self.fill(self.knowledge.answers[intent].text)

    def aside(self, text: str) -> str | None:
        """The answer to a question that has no intent of its own, known by its words; None when it is none."""
        words = text.lower().replace("'", "").replace("’", "")
        known = (answer for answer in self.knowledge.answers.values() if answer.asked_as)
        found = next(
            (answer for answer in known if any(re.search(rf"\b{cue}\b", words) for cue in answer.asked_as)), None
        )
        return self.fill(found.text) if found else None

    def stretch_obstacle(self, text: str) -> str | None:
        """Why a stretch does not suit, as stretches.yml names it, from the patient's words; None when unsaid."""
        words = text.lower()
        return next((reason for reason, cues in _obstacles().items() if any(cue in words for cue in cues)), None)

    def obstacle_facts(self, reason: str) -> dict[str, Any]:
        """What is known of a patient whom this keeps from a stretch."""
        return dict(_fact_words()["obstacle_facts"].get(reason) or {})

    def link(self, key: str, href: str) -> dict[str, str]:
        """A link with its words (fact_words.yml)."""
        return {"title": self.word(key), "href": href}

    def word(self, key: str) -> str:
        """A single word or phrase that is put into other texts (fact_words.yml)."""
        return str(_fact_words()["words"][key])

    def telling(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The facts worth saying back: numbers, places and whatever is not simply a "no"."""
        defaults = self.knowledge.schema.defaults
        return {name: value for name, value in facts.items() if value != defaults[name]}

    def acknowledgement(self, step: int, questions: Sequence[str]) -> str:
        """A short word after an answer, not always the same one."""
        known = self.knowledge.questions
        texts = known.acknowledgements_personal if PERSONAL & set(questions) else known.acknowledgements
        return texts[step % len(texts)]

    def band(self, band_id: str) -> str:
        """The approved words of a band of the story score."""
        return next(band.text for band in self.knowledge.score.bands if band.id == band_id)

    def card_for(self, questions: Sequence[str], one_at_a_time: bool) -> Card:
        """The card that asks these questions."""
        chosen: list[Question] = [self.knowledge.questions[question] for question in questions]
        plan = next((plan for plan in self._plans if set(questions) <= set(plan.questions)), None)
        return self.knowledge.questions.card(chosen, plan=plan, messenger=one_at_a_time)


@lru_cache(maxsize=1)
def _fact_words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load((CONTENT_FOLDER / "fact_words.yml").read_text(encoding="utf-8"))
    return words


def _obstacles() -> dict[str, list[str]]:
    obstacles: dict[str, list[str]] = _fact_words()["stretch_obstacles"]
    return obstacles


@lru_cache(maxsize=1)
def content() -> Content:
    """The content of this process."""
    settings = Settings.from_env()
    clinic = load_clinic(settings.clinic_file)
    bookings = booking_service(Database(settings.database_url), clinic, settings)
    return Content(load_knowledge(), clinic, bookings, PlanLinks(settings), settings.base_url)
