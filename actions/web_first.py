"""Messenger at clinics that keep health questions to their website: one safety question, then the link."""

from __future__ import annotations

from actions import result
from actions.buttons import button, yes_no_not_sure
from actions.safety import says_no
from actions.turn import EMERGENCY, Turn

SCREEN_ROW = "E2"  # the row of the card that lists these signs


def screen(turn: Turn) -> None:
    """Ask about danger signs; this needs no consent, and nothing else about health is asked here."""
    turn.chat.checking = False
    turn.chat.pending = {"kind": "screen"}
    turn.replies.say("web_first_screen", parts={"choices": yes_no_not_sure()})


def settle(turn: Turn) -> None:
    """A clear no leads to the private web chat; anything else to help."""
    turn.chat.pending = None
    if says_no(turn):
        turn.replies.say(
            "web_first_link",
            parts={
                "links": [{"title": "web_chat"}],  # the channel signs it, so that the conversation moves along
                "choices": [button("book", now=True), button("hours"), button("person")],
            },
        )
        return
    card = turn.content.safety_card(SCREEN_ROW)
    turn.replies.say(
        "web_first_help",
        parts={
            "safety": {"row": SCREEN_ROW, "call": turn.content.call(card)},
            "card": {"kind": "emergency", **turn.content.drawn(card)},
            "choices": [button("person")],
        },
    )
    turn.replies.line("state", stage=result.STAGE, alert=EMERGENCY)
