"""Taking answers: reading them, keeping the facts, and seeing what is still open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from actions import pending
from actions.turn import Turn, decide
from bot.language import Answer, read_answer, read_answers, read_volunteered
from bot.triage import transition

REASKS = 2  # after this many more tries a safety question is left open, any other is skipped
SENTENCES = re.compile(r"[^.!?\n]+[.!?\n]*")
ASKS = re.compile(
    r"\s*(?:and |but |so |also |btw )?"
    r"(?:what|where|who|when|why|how|which|do|does|is|are|can|could|will|would|should|am)\b",
    re.IGNORECASE,
)
CORRECTS = re.compile(
    r"^\W*(?:(?:no|oh|wait|sorry|oops|actually|please|can you|could you)\W+)*"
    r"(?:change|correct|fix|update)\s+(?:that|this|it|my (?:last )?answer)\b(?:\s+to\b)?\W*",
    re.IGNORECASE,
)
UNITS = {  # the unit in a correction names the answer that it corrects
    "duration": re.compile(r"\b(?:days?|weeks?|wks?|months?|fortnight)\b", re.IGNORECASE),
    "sitting": re.compile(r"\b(?:hours?|hrs?)\b", re.IGNORECASE),
    "severity": re.compile(r"/ ?10\b|\bout of (?:10|ten)\b|\bpain\b", re.IGNORECASE),
    "age": re.compile(r"\b(?:years? old|yrs? old|born)\b", re.IGNORECASE),
}
NOT_SURE = "not_sure"
BARE_YES = "which"  # a yes to several signs at once: it counts once the patient had the chance to say which
FREE_KINDS = ("number", "scale", "text", "time")
UNANSWERED = "safety_item_unanswered"


@dataclass
class Heard:
    """What became of each open question: `closed`, `declined`, `unsure`, `unclear` (with a reason) or `missing`."""

    closed: list[str] = field(default_factory=list)
    declined: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    unclear: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        """Whether the message answered, declined or doubted any open question."""
        return bool(self.closed or self.declined or self.unsure or self.unclear)


def read(turn: Turn, questions: Sequence[str], words: str | None = None) -> dict[str, Answer]:
    """The answers that this message (or only these words of it) gives to these questions."""
    if turn.answer is not None:
        return _tapped(turn, questions)
    return read_answers(questions, turn.text if words is None else words, now=turn.now)


def asks(text: str) -> bool:
    """Whether the text holds a question."""
    return "?" in text or any(ASKS.match(part) for part in SENTENCES.findall(text))


def beside_question(text: str) -> str:
    """What a text says beside its question: "Nine hours. What does the laser cost?" leaves the nine hours."""
    sentences = [part.strip() for part in SENTENCES.findall(text)]
    if len(sentences) < 2:
        return ""
    return " ".join(part for part in sentences if not part.endswith("?") and not ASKS.match(part))


def _tapped(turn: Turn, questions: Sequence[str]) -> dict[str, Answer]:
    answer: Mapping[str, Any] = turn.answer or {}
    asked = [str(question) for question in answer.get("questions") or questions]
    if "facts" in answer:
        return {question: Answer(facts=dict(answer["facts"]), status="given") for question in asked}
    if answer.get("status"):
        return {question: Answer(facts={}, status=answer["status"]) for question in asked}
    if "value" not in answer:
        return {}
    return _valued(turn, asked, answer["value"])


def _valued(turn: Turn, questions: Sequence[str], value: Any) -> dict[str, Answer]:
    """What a tapped value means: ticks of a list, a number (with ticks beside it), yes or no, or words."""
    card = turn.content.card_for(questions, turn.one_at_a_time)
    number: Any = None
    ticked: list[str] = []
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, bool):
            ticked.append("yes" if part else "no")
        elif isinstance(part, str) and any(option.id == part for option in card.options):
            ticked.append(part)
        else:
            number = part
    if NOT_SURE in ticked:
        return {question: Answer(status="unsure") for question in questions}
    answers = {question: Answer(facts=facts) for question, facts in card.facts_from(ticked).items()} if ticked else {}
    if number is not None:
        for question in card.questions:
            spoken = read_answer(question.id, str(number), now=turn.now) if question.kind in FREE_KINDS else None
            if spoken is not None:
                answers[question.id] = spoken
    return answers


def read_one(turn: Turn, question: str) -> Answer | None:
    """The answer of this message to one question, if it has any."""
    if turn.answer is not None and "value" in turn.answer and turn.answer.get("questions") == [question]:
        value = turn.answer["value"]
        return Answer(facts={question: value}) if question == "appointment_service" else _words(turn, question, value)
    return read_answer(question, turn.text, now=turn.now) if turn.is_typed or turn.answer is None else None


def _words(turn: Turn, question: str, value: Any) -> Answer | None:
    return read_answer(question, str(value), now=turn.now)


def take(turn: Turn, questions: Sequence[str], words: str | None = None) -> Heard:
    """Keep the facts of this message's answers and close the questions that have theirs."""
    heard = Heard()
    found = read(turn, questions, words)
    for question, answer in found.items():
        _take_one(turn, heard, question, answer)
    heard.missing = [question for question in questions if question not in found]
    turn.chat.close(heard.closed)
    return heard


def _take_one(turn: Turn, heard: Heard, question: str, answer: Answer) -> None:
    spec = turn.content.knowledge.questions[question]
    if answer.status == "declined":
        _decline(turn, heard, question, spec.safety)
    elif answer.status == "unsure":
        _doubt(turn, heard, question, spec)
    elif answer.clarify and not turn.chat.reasked.get(question):
        turn.chat.reasked[question] = 1
        heard.unclear[question] = answer.clarify
        if answer.clarify != BARE_YES:
            _learn(turn, answer.facts)
    else:
        _learn(turn, answer.facts)
        heard.closed.append(question)


def _decline(turn: Turn, heard: Heard, question: str, is_safety: bool) -> None:
    if is_safety and not turn.chat.reasked.get(question):
        turn.chat.reasked[question] = 1
        heard.declined.append(question)
    else:
        leave_open(turn, question, is_safety)
        heard.closed.append(question)


def _doubt(turn: Turn, heard: Heard, question: str, spec: Any) -> None:
    """Doubt about a sign: one clarifying question, then it counts as there."""
    if not spec.if_unsure:
        heard.closed.append(question)
    elif not turn.chat.reasked.get(question):
        turn.chat.reasked[question] = 1
        heard.unsure.append(question)
    else:
        _learn(turn, spec.if_unsure)
        heard.closed.append(question)


def leave_open(turn: Turn, question: str, is_safety: bool) -> None:
    """The question gets no answer; a safety question without one makes the advice more careful."""
    turn.chat.skipped.append(question)
    if is_safety:
        turn.learn({UNANSWERED: True})
    turn.replies.say("left_open" if is_safety else "skipped")


def _learn(turn: Turn, facts: Mapping[str, Any]) -> None:
    """Facts go up at once; a change of an earlier answer that lowers the advice is confirmed first."""
    before = {**turn.facts_before, **turn.chat.revising}
    known = {name: value for name, value in facts.items() if name in turn.content.fact_names}
    changed = {name: value for name, value in known.items() if name in before and before[name] != value}
    for name in known:
        turn.chat.revising.pop(name, None)
    now = {**turn.facts, **{name: before[name] for name in changed}}
    if changed and transition(decide(now), decide({**now, **changed})) == "down":
        turn.learn({**known, **{name: before[name] for name in changed}})
        pending.ask_before_lowering(turn, changed)
    else:
        turn.learn(_without_taking_back(turn, known))


def _without_taking_back(turn: Turn, facts: Mapping[str, Any]) -> dict[str, Any]:
    """A sign that this very message affirms is not erased by the "no" of another answer in it."""
    affirmed = {
        name: value for flag in turn.flags if flag["assertion"] == "present" for name, value in flag["facts"].items()
    }
    defaults = turn.content.knowledge.schema.defaults
    return {
        name: affirmed[name] if name in affirmed and value == defaults[name] else value for name, value in facts.items()
    }


def lowers(turn: Turn, facts: Mapping[str, Any]) -> bool:
    """Whether these facts would make the advice less careful."""
    return transition(decide(turn.facts), decide({**turn.facts, **facts})) == "down"


def correct(turn: Turn) -> dict[str, Any]:
    """Read a correction: what it names, or else the newest answer that it fits; the facts that it changes."""
    if not turn.is_typed:
        return {}
    named: dict[str, Any] = {}
    for answer in read_volunteered(turn.text, now=turn.now).values():
        named.update(answer.facts)
    if changed := _differing(turn, named):
        return changed
    newest_first = [question for step in reversed(turn.chat.steps) for question in step]
    meant = [question for question, unit in UNITS.items() if unit.search(turn.text)]
    words = CORRECTS.sub("", turn.text)
    for question in meant or newest_first:
        found = read_answer(question, words, now=turn.now)
        if found is not None and found.status == "given" and (changed := _differing(turn, found.facts)):
            return changed
    return {}


def _differing(turn: Turn, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name in turn.facts and turn.facts[name] != value}
