"""How a conversation opens, how a patient comes back, and the three doors."""

from __future__ import annotations

from datetime import datetime, timedelta

from actions import progress
from actions.buttons import button
from actions.safety import take_up_again
from actions.turn import Turn


def greet(turn: Turn) -> None:
    """A new conversation, a patient who returns, staff handing back, or simply "hello"."""
    event = turn.metadata.get("event")
    if event == "handed_back":
        take_up_again(turn)
        progress.go_on(turn)
    elif event == "returned":
        _welcome_back(turn)
    elif event == "opened" or turn.chat.consent is None:
        welcome(turn)
    else:
        turn.replies.say("hello_again")
        progress.offer_next(turn)


def welcome(turn: Turn) -> None:
    """The emergency line first, then who this is, then the three doors."""
    turn.replies.say("emergency_line")
    turn.replies.say("welcome", parts={"choices": progress.doors()})
    turn.replies.line("state", stage="opened")


def _welcome_back(turn: Turn) -> None:
    """After the clinic's pause: say again what this is, and ask whether anything changed."""
    turn.replies.say("emergency_line")
    if _is_long_ago(turn):
        turn.forget(list(turn.facts))
        turn.chat.asked, turn.chat.steps, turn.chat.told, turn.chat.checking = [], [], None, False
        turn.replies.say("welcome_back_expired", parts={"choices": [button("check"), button("book")]})
        return
    turn.chat.pending = {"kind": "returned"}
    turn.replies.say(
        "welcome_back",
        parts={
            "choices": [button("unchanged", yes=False), button("changed", yes=True), button("afresh"), button("book")]
        },
    )


def _is_long_ago(turn: Turn) -> bool:
    """Answers are used again only for as long as the clinic allows."""
    last = turn.chat.last_at
    return last is None or turn.now - datetime.fromisoformat(last) > timedelta(days=turn.content.clinic.facts_days)


def greet_in_check(turn: Turn) -> None:
    """A "hello" in the middle of the check; events of the channel come this way too."""
    if turn.metadata.get("event"):
        greet(turn)
    else:
        turn.replies.say("hello_again")


def book_in_check(turn: Turn) -> None:
    """Booking asked for during the check: the check goes on, or is left for booking when they insist."""
    turn.learn({"wants_appointment": True})
    if turn.answer and turn.answer.get("now"):
        turn.chat.checking = False
        turn.chat.open = []
        turn.chat.stage = "booking"
        return
    turn.replies.say("booking_after_check", parts={"choices": [button("skip_to_booking", now=True)]})


def answer_other_language(turn: Turn) -> None:
    """The emergency card in their language, and the clinic's phone."""
    for text in turn.content.foreign_card(turn.language):
        turn.replies.tell(text)
