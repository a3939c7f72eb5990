"""The questions, their options and the cards that ask several at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bot.knowledge.expressions import Condition, ConditionReader, ExpressionError
from bot.knowledge.facts import FactSchema
from bot.knowledge.source import ContentFile, Entry

ASK_KINDS = ("yes_no", "number", "scale", "choice", "choices", "body_map", "text", "time")
STAGES = ("safety", "picture", "content", "after", "booking")
SHORT_TITLE = 20
"""Letters that fit on a Messenger quick reply."""

YES, NO, NOT_SURE, NONE_OF_THESE = "yes", "no", "not_sure", "none_of_these"
CHECKLIST_KINDS = ("choices", "yes_no", "body_map")
"""Kinds of question for which a tick left out means "no" once the list has been sent."""


@dataclass(frozen=True)
class Option:
    """One thing to tick. `facts` is what it sets and `adds` what it adds to counts.

    `short` fits a Messenger quick reply (20 letters).
    """

    id: str
    title: str
    short: str
    question: str
    facts: Mapping[str, Any]
    adds: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Question:
    """One question of the contract.

    `kind` is the contract's `ask.kind`; `minimum`, `maximum` and `unit` are for numbers. `fills` are the facts it is
    asked for: when all are known it need not be asked. `none` is what "none of these" (or "no") sets, None where that
    answer does not exist. `if_unsure` counts as true when the person stays unsure after the clarifying question.
    `bad_input` has every reason, with the shared text where the question has none of its own.
    """

    id: str
    stage: str
    kind: str
    label: str
    why: str
    web: str
    messenger: str
    fills: tuple[str, ...]
    options: tuple[Option, ...]
    none: Mapping[str, Any] | None
    if_unsure: Mapping[str, Any]
    minimum: float | None
    maximum: float | None
    unit: str | None
    skip_when: Condition | None
    bad_input: Mapping[str, str]

    @property
    def safety(self) -> bool:
        """Whether leaving it open leaves a danger unchecked (row R14); consent and age are asked for other reasons."""
        return self.stage == "safety" and self.id not in ("consent", "age")

    @property
    def is_checklist(self) -> bool:
        """Whether its ticks can share one list with those of other questions."""
        return self.kind in CHECKLIST_KINDS


@dataclass(frozen=True)
class Card:
    """What is asked in one message: one question, or several with one list of ticks.

    `kind`, `options`, `minimum`, `maximum`, `unit` go into `ask`. With a number beside a list, `kind` is number or
    scale and `options` are the ticks that go with it. `none_of_these` says "no" to every checklist question on it.
    """

    id: str
    text: str
    questions: tuple[Question, ...]
    kind: str
    options: tuple[Option, ...]
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None

    @property
    def question_ids(self) -> tuple[str, ...]:
        """The ids of the questions that it asks, in order."""
        return tuple(question.id for question in self.questions)

    def facts_from(self, ticked: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The facts of each question that these ticks answer, by question id.

        A checklist that was sent is answered as a whole: what is not ticked is "no". The other questions on the card
        are answered only when one of their options is ticked. Raises KeyError for an option that is not on the card.
        """
        chosen = set(ticked)
        unknown = chosen - {option.id for option in self.options}
        if unknown:
            raise KeyError(sorted(unknown)[0])
        if NOT_SURE in chosen:
            return {}
        answers: dict[str, dict[str, Any]] = {}
        for question in self.questions:
            options = [option for option in self.options if option.id in chosen and option.question == question.id]
            if not options and not (question.is_checklist and question.none is not None):
                continue
            facts: dict[str, Any] = {}
            for option in options:
                _merge(facts, option.facts)
                for name, more in option.adds.items():
                    facts[name] = facts.get(name, 0) + more
            for name, value in (question.none or {}).items():
                facts.setdefault(name, value)
            answers[question.id] = facts
        return answers


@dataclass(frozen=True)
class CardPlan:
    """Which questions the website asks together, and the words before the list."""

    id: str
    questions: tuple[str, ...]
    intro: str | None


@dataclass(frozen=True)
class Questions:
    """All questions, the cards in the order of asking, and the words that go with answers.

    `plans` are the cards of the whole check and `hurry_plans` those of the shortest safe one.
    """

    all: tuple[Question, ...]
    plans: tuple[CardPlan, ...]
    hurry_plans: tuple[CardPlan, ...]
    answers: Mapping[str, str]
    acknowledgements: tuple[str, ...]
    acknowledgements_personal: tuple[str, ...]
    acknowledgements_hard: tuple[str, ...]
    bad_input: Mapping[str, str]

    def __getitem__(self, question_id: str) -> Question:
        for question in self.all:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def option(self, option_id: str) -> Option:
        """The option with this id (not yes, no, not_sure or none_of_these, which many questions have)."""
        for question in self.all:
            for option in question.options:
                if option.id == option_id:
                    return option
        raise KeyError(option_id)

    def card(self, questions: Iterable[Question], *, plan: CardPlan | None = None, messenger: bool = False) -> Card:
        """The card that asks these questions: alone in the question's own words, together in the plan's."""
        chosen = tuple(questions)
        first = chosen[0]
        if len(chosen) == 1:
            text = first.messenger if messenger else first.web
            return Card(
                first.id, text, chosen, first.kind, self._alone(first), first.minimum, first.maximum, first.unit
            )
        number = next((question for question in chosen if question.kind in ("number", "scale")), None)
        kind = number.kind if number else ("body_map" if first.kind == "body_map" else "choices")
        options = [option for question in chosen for option in question.options]
        if any(question.is_checklist and question.none is not None for question in chosen):
            options.append(self._common(NONE_OF_THESE))
        if any(question.safety for question in chosen):
            options.append(self._common(NOT_SURE))
        text = plan.intro if plan and plan.intro else " ".join(question.web for question in chosen)
        return Card(
            id=plan.id if plan else first.id,
            text=text,
            questions=chosen,
            kind=kind,
            options=tuple(options),
            minimum=number.minimum if number else None,
            maximum=number.maximum if number else None,
            unit=number.unit if number else None,
        )

    def _alone(self, question: Question) -> tuple[Option, ...]:
        if question.kind == "yes_no":
            yes, no = self.answers[YES], self.answers[NO]
            options = [
                Option(YES, yes, yes, question.id, question.options[0].facts),
                Option(NO, no, no, question.id, question.none or {}),
            ]
        else:
            options = list(question.options)
            if question.is_checklist and question.none is not None:
                options.append(self._common(NONE_OF_THESE))
        if question.safety:
            options.append(self._common(NOT_SURE))
        return tuple(options)

    def _common(self, option_id: str) -> Option:
        title = self.answers[option_id]
        return Option(option_id, title, title, "", {})


def _merge(facts: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add facts of another tick: numbers take the larger, lists grow, otherwise the first tick wins."""
    for name, value in more.items():
        if name not in facts:
            facts[name] = list(value) if isinstance(value, list | tuple) else value
        elif isinstance(value, list | tuple):
            facts[name] = [*facts[name], *(item for item in value if item not in facts[name])]
        elif not isinstance(value, bool | str):
            facts[name] = max(facts[name], value)


def read_questions(file: ContentFile, schema: FactSchema) -> Questions:
    """Read questions.yml; raises ContentError."""
    root = file.root()
    shared = {reason: str(text).strip() for reason, text in root.mapping("bad_input").items()}
    reader = ConditionReader(schema)
    questions = tuple(_question(name, entry, schema, reader, shared) for name, entry in root.named("questions"))
    _refuse_repeated_options(root, questions)
    plans, hurry_plans = _plans(root, "cards", questions), _plans(root, "hurry_cards", questions)
    answers = {str(key): str(value) for key, value in root.mapping("answers").items()}
    for key in (YES, NO, NOT_SURE, NONE_OF_THESE):
        if key not in answers:
            root.fail(f"write the words for '{key}'", "answers")
    result = Questions(
        all=questions,
        plans=plans,
        hurry_plans=hurry_plans,
        answers=answers,
        acknowledgements=root.texts("acknowledgements"),
        acknowledgements_personal=root.texts("acknowledgements_personal"),
        acknowledgements_hard=root.texts("acknowledgements_hard"),
        bad_input=shared,
    )
    root.finish()
    return result


def _question(
    name: str, entry: Entry, schema: FactSchema, reader: ConditionReader, shared: Mapping[str, str]
) -> Question:
    kind = entry.one_of("kind", ASK_KINDS)
    fills = entry.texts("fills", required=False)
    for index, fact in enumerate(fills):
        if fact not in schema:
            entry.fail(f"there is no fact called {fact}", "fills", index)
    if kind == "yes_no":
        options: tuple[Option, ...] = (_option(name, entry.entry(YES), schema),)
        none: Mapping[str, Any] | None = _facts(entry, NO, schema)
    else:
        options = tuple(_option(name, option, schema) for option in entry.entries("options"))
        none = _facts(entry, "none", schema) if entry.has("none") else entry.raw("none")
    own = {reason: str(text).strip() for reason, text in entry.mapping("bad_input").items()}
    for reason in own:
        if not own[reason]:
            entry.fail(f"write a text for '{reason}'", "bad_input", reason)
    question = Question(
        id=name,
        stage=entry.one_of("stage", STAGES),
        kind=kind,
        label=entry.text("label"),
        why=entry.text("why"),
        web=entry.text("web"),
        messenger=entry.text("messenger"),
        fills=fills,
        options=options,
        none=none,
        if_unsure=_facts(entry, "if_unsure", schema),
        minimum=entry.number_or_none("min"),
        maximum=entry.number_or_none("max"),
        unit=entry.text_or_none("unit"),
        skip_when=_condition(entry, "skip_when", reader),
        bad_input={**shared, **own},
    )
    if kind in ("number", "scale") and (question.minimum is None or question.maximum is None):
        entry.fail("a number needs min and max")
    if question.safety and not question.if_unsure:
        entry.fail(f"say what counts as true when a person stays unsure about {name}: write if_unsure")
    entry.finish()
    return question


def _condition(entry: Entry, key: str, reader: ConditionReader) -> Condition | None:
    text = entry.text_or_none(key)
    if text is None:
        return None
    try:
        return reader.read(text)
    except ExpressionError as error:
        entry.fail(str(error), key)


def _option(question: str, entry: Entry, schema: FactSchema) -> Option:
    title = entry.text("title")
    short = entry.text("short", title)
    facts, adds = _facts(entry, "facts", schema), _facts(entry, "adds", schema)
    option = Option(entry.text("id"), title, short, question, facts, adds)
    if len(short) > SHORT_TITLE and (entry.has("short") or entry.where[-1] != YES):
        entry.fail(f"{short!r} is longer than {SHORT_TITLE} letters: Messenger cuts it", "short")
    entry.finish()
    return option


def _facts(entry: Entry, key: str, schema: FactSchema) -> dict[str, Any]:
    facts = entry.mapping(key)
    for name, value in facts.items():
        if name not in schema:
            entry.fail(f"there is no fact called {name}", key, name)
        if not schema[name].accepts(value):
            entry.fail(f"{name} cannot be {value!r}: {schema.describe(name)}", key, name)
    return facts


def _plan(entry: Entry, questions: tuple[Question, ...]) -> CardPlan:
    by_id = {question.id: question for question in questions}
    plan = CardPlan(entry.text("id"), entry.texts("questions"), entry.text_or_none("intro"))
    for index, name in enumerate(plan.questions):
        if name not in by_id:
            entry.fail(f"there is no question called {name}", "questions", index)
    chosen = [by_id[name] for name in plan.questions]
    if sum(question.kind in ("number", "scale", "text", "time") for question in chosen) > 1:
        entry.fail("a card can ask for one free number or text only", "questions")
    if len(chosen) > 1 and plan.intro is None:
        entry.fail("a card with several questions needs an intro")
    entry.finish()
    return plan


def _refuse_repeated_options(root: Entry, questions: tuple[Question, ...]) -> None:
    seen: dict[str, str] = dict.fromkeys((YES, NO, NOT_SURE, NONE_OF_THESE), "every question")
    for question in questions:
        for index, option in enumerate(question.options):
            if option.id in seen:
                below = (YES,) if question.kind == "yes_no" else ("options", index)
                root.fail(
                    f"the option {option.id} is already used by {seen[option.id]}", "questions", question.id, *below
                )
            seen[option.id] = question.id


def _plans(root: Entry, key: str, questions: tuple[Question, ...]) -> tuple[CardPlan, ...]:
    """The cards under this key; each question stands on one of them at most, and no safety question is left out."""
    plans = tuple(_plan(entry, questions) for entry in root.entries(key))
    seen: set[str] = set()
    for index, plan in enumerate(plans):
        for name in plan.questions:
            if name in seen:
                root.fail(f"the question {name} stands on two cards", key, index)
            seen.add(name)
    for question in questions:
        if question.stage == "safety" and question.id not in seen:
            root.fail(f"the safety question {question.id} stands on no card, so it is never asked", key)
    return plans
