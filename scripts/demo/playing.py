"""Plays one invented patient through the real system."""

from __future__ import annotations

from scripts.demo.chats import Chat, asked, has_result, offered
from scripts.demo.people import Person

MOST_TURNS = 45
SKIP = "can we skip that one"


def play(person: Person, chat: Chat) -> None:
    """The whole conversation of one person, to its end or to where they leave."""
    if person.opening is None:
        return
    chat.say(person.opening)
    if person.asks_only:
        _end(person, chat)
        return
    for turn in range(MOST_TURNS):
        if has_result(chat):
            break
        if person.leaves_after is not None and turn >= person.leaves_after:
            chat.read()
            return
        if turn in person.asides:
            chat.say(person.asides[turn])
        _answer(person, chat)
    _end(person, chat)


def _answer(person: Person, chat: Chat) -> None:
    questions = asked(chat)
    known = [person.answers[question] for question in questions if question in person.answers]
    if not questions and chat.tap("Check my back"):
        return
    chat.say(". ".join(dict.fromkeys(known)) if known else SKIP)


def _end(person: Person, chat: Chat) -> None:
    if person.reads_the_end:
        chat.read()
    if person.then == "book":
        _book(person, chat)
    elif person.then == "person":
        chat.say("I'd like to talk to a person please")
    elif person.thanks and person.reads_the_end:
        chat.say(person.thanks)
    if person.reads_the_end:
        chat.read()


def _some_time(person: Person, chat: Chat) -> str:
    """One of the times on offer, not always the first."""
    titles = [choice["title"] for choice in offered(chat.messages) if ":" in choice["title"]]
    return titles[person.number % len(titles)] if titles else "Waiting list"


def _book(person: Person, chat: Chat) -> None:
    if not chat.tap("Book a visit"):
        chat.say("I'd like to book an appointment")
    for _ in range(8):
        questions = asked(chat)
        if "appointment_service" in questions:
            chat.say(("a massage please", "first consultation", "the laser")[person.number % 3])
        elif "appointment_time" in questions:
            chat.tap(_some_time(person, chat))
        elif "contact_name" in questions:
            chat.say(person.name)
        elif "contact_phone" in questions or "contact_email" in questions:
            chat.say(person.phone)
        elif not (chat.tap("Yes, pass it on") or chat.tap("Yes, book it")):
            return
        if any(message.get("card", {}).get("status") == "booked" for message in chat.messages):
            return
