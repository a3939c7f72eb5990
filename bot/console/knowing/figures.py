"""Works out the figures of one conversation from its messages; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any, NamedTuple

STEPS = ("opened", "consented", "symptom", "level", "advice", "booked")
FALLBACK = "out_of_scope"
# The strongest first: what a conversation is remembered by when a sign was said in several ways.
ASSERTIONS = ("present", "possible", "past", "other_person", "figurative", "absent")
# A message with one of these intents tries to answer; after anything else the question simply comes again.
_ANSWERING = frozenset({"inform", "affirm", "deny", "unsure", FALLBACK, None})
_STEP_OF = {"opened": 0, "consented": 1, "symptom": 2, "result": 3, "advice_seen": 4, "booked": 5}


class Spoken(NamedTuple):
    """What is looked at of one message; the names are those of `bot.store.models.Message`."""

    id: int
    author: str
    kind: str
    at: datetime
    payload: Mapping[str, Any]
    understood: Mapping[str, Any] | None
    in_reply_to: int | None


class Difficulty(NamedTuple):
    """A message that the assistant could not use: its id, why, and the question that was open."""

    message_id: int
    reason: str  # not_understood, asked_again
    question: str | None


@dataclass(frozen=True)
class Figures:
    """The numbers of one conversation; times in milliseconds and seconds."""

    typed: int
    difficulties: tuple[Difficulty, ...]
    answer_ms: int | None
    slowest_ms: int | None
    staff_seconds: int | None
    open_question: str | None
    flags: Mapping[str, str]

    def count(self, reason: str) -> int:
        """How many messages were not understood, or asked again."""
        return sum(difficulty.reason == reason for difficulty in self.difficulties)


def step_of(stage: str | None, disposition: str | None) -> tuple[int, bool]:
    """How far the patient came (an index of STEPS), and whether they booked without any check of the back."""
    if stage == "booked" and disposition is None:
        return 0, True
    step = _STEP_OF.get(stage or "opened", 0)
    return max(step, 3) if disposition is not None else step, False


def figures_of(messages: Sequence[Spoken]) -> Figures:
    """The figures of a whole conversation; `messages` in the order of their numbers."""
    replies: dict[int, list[Spoken]] = {}
    for message in messages:
        if message.author == "assistant" and message.in_reply_to is not None:
            replies.setdefault(message.in_reply_to, []).append(message)
    waits = [
        round((replies[message.id][0].at - message.at).total_seconds() * 1000)
        for message in messages
        if message.author == "patient" and message.id in replies
    ]
    return Figures(
        typed=sum(message.author == "patient" and message.kind == "text" for message in messages),
        difficulties=tuple(_difficulties(messages, replies)),
        answer_ms=round(median(waits)) if waits else None,
        slowest_ms=max(waits, default=None),
        staff_seconds=_staff_seconds(messages),
        open_question=_open_question(messages),
        flags=_flags(messages),
    )


def _asked(messages: Sequence[Spoken]) -> tuple[str, ...] | None:
    """The questions asked last in these messages; None when nothing was asked."""
    asks = [message.payload["ask"] for message in messages if message.payload.get("ask")]
    return tuple(asks[-1].get("questions", ())) if asks else None


def _difficulties(messages: Sequence[Spoken], replies: Mapping[int, Sequence[Spoken]]) -> Iterator[Difficulty]:
    """Typed messages that brought the conversation no further.

    An unknown intent alone is not enough: an answer is often only understood beside its question, and then the
    assistant goes on to the next one.
    """
    asked: tuple[str, ...] | None = None
    for message in messages:
        if message.author == "assistant":
            asked = _asked([message]) or asked
        if message.author != "patient" or message.kind != "text" or message.understood is None:
            continue
        intent = message.understood.get("intent")
        again = _asked(replies.get(message.id, ()))
        went_on = asked is not None and again is not None and again != asked
        question = asked[0] if asked else None
        if intent == FALLBACK and not went_on and not message.understood.get("flags"):
            yield Difficulty(message.id, "not_understood", question)
        elif asked is not None and again == asked and intent in _ANSWERING:
            yield Difficulty(message.id, "asked_again", question)


def _staff_seconds(messages: Sequence[Spoken]) -> int | None:
    """From the patient's message to the first one of the clinic's team."""
    said: datetime | None = None
    for message in messages:
        if message.author == "patient":
            said = message.at
        elif message.author == "staff" and said is not None:
            return round((message.at - said).total_seconds())
    return None


def _open_question(messages: Sequence[Spoken]) -> str | None:
    """The first question of the last card, if the patient said nothing after it."""
    for message in reversed(messages):
        if message.author == "patient":
            return None
        asked = _asked([message])
        if asked:
            return asked[0]
    return None


def _flags(messages: Sequence[Spoken]) -> dict[str, str]:
    found: dict[str, str] = {}
    for message in messages:
        for flag in (message.understood or {}).get("flags") or ():
            name, assertion = str(flag.get("id")), str(flag.get("assertion"))
            if name not in found or _strength(assertion) < _strength(found[name]):
                found[name] = assertion
    return found


def _strength(assertion: str) -> int:
    return ASSERTIONS.index(assertion) if assertion in ASSERTIONS else len(ASSERTIONS)
