"""Who is coming and how to reach them."""

from __future__ import annotations

from actions import answers
from actions.booking.steps import CONTACT, NAME, UNHEARD, first_missing
from actions.turn import Turn
from bot.booking.types import ContactProblem

UNREADABLE = "unclear"


def ask_name(turn: Turn) -> None:
    """Ask for a name."""
    turn.chat.open = ["contact_name"]
    turn.replies.tell(
        turn.content.question("contact_name", turn.one_at_a_time), ask={"questions": ["contact_name"], "kind": "text"}
    )


def hear_name(turn: Turn) -> str:
    """Take the name, and a phone number or address said along with it."""
    answer = answers.read_one(turn, "contact_name")
    if answer is None or "contact_name" not in answer.facts:
        return UNHEARD
    turn.chat.booking["name"] = answer.facts["contact_name"]
    _read(turn)
    return first_missing(turn)


def ask_contact(turn: Turn) -> None:
    """Ask for a phone number or an e-mail address."""
    turn.chat.open = ["contact_phone", "contact_email"]
    turn.replies.say("ask_contact", parts={"ask": {"questions": ["contact_phone", "contact_email"], "kind": "text"}})


def hear_contact(turn: Turn) -> str:
    """Take either, or say what is wrong with it."""
    problem = _read(turn)
    booking = turn.chat.booking
    if booking.get("phone") or booking.get("email"):
        return first_missing(turn)
    if problem is None:
        return UNHEARD
    turn.replies.tell(turn.content.bad_input(*problem))
    return CONTACT


def _read(turn: Turn) -> tuple[str, str] | None:
    """Keep a phone number and an e-mail address from this message; what is wrong with one, if anything."""
    problem: tuple[str, str] | None = None
    for question, key in (("contact_email", "email"), ("contact_phone", "phone")):
        answer = answers.read_one(turn, question)
        if answer is None:
            continue
        if question in answer.facts:
            turn.chat.booking[key] = answer.facts[question]
        elif answer.clarify:
            problem = (question, answer.clarify)
    return problem


def refused(turn: Turn, problem: ContactProblem) -> str:
    """The clinic's books would not take a part of the contact: say which, and ask for it again."""
    booking = turn.chat.booking
    if problem.field == "name":
        booking.pop("name", None)
        return NAME
    for field in ("phone", "email") if problem.field == "contact" else (problem.field,):
        if booking.pop(field, None):
            turn.replies.tell(turn.content.bad_input(f"contact_{field}", UNREADABLE))
    return first_missing(turn)
