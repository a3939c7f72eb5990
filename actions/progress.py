"""How the conversation goes on after each turn: the next question, the result, or an offer."""

from __future__ import annotations

from actions import asking, result
from actions.buttons import button
from actions.turn import EMERGENCY, Turn
from bot.language import read_volunteered
from bot.triage import next_card

CHECK_FORM = "check_form"
BOOKING_FORM = "booking_form"
DUE = "due"  # the check has ended and its result is to be told


def begin(turn: Turn) -> None:
    """Start the check, with what the patient has already told us."""
    turn.chat.checking = True
    turn.chat.open = []
    volunteer(turn)
    ask_next(turn)


def volunteer(turn: Turn) -> bool:
    """Take in what a message says without being asked; True when it said anything."""
    if not turn.is_typed or not turn.text:
        return False
    said = read_volunteered(turn.text, now=turn.now)
    facts: dict[str, object] = {}
    for answer in said.values():
        if answer.status == "given":
            facts.update(answer.facts)
    facts = {name: value for name, value in facts.items() if name in turn.content.fact_names and name not in turn.facts}
    turn.learn(facts)
    return bool(facts) or any(flag["assertion"] == "present" for flag in turn.flags)


def go_on(turn: Turn) -> None:
    """After something else: the open question again, the changed result, or what could come next."""
    if turn.assessment().disposition == EMERGENCY and not result.is_told(turn):
        result.tell_emergency(turn)
    elif turn.chat.checking:
        ask_next(turn)
    elif turn.chat.told:
        result.retell(turn)
    else:
        offer_next(turn)


def resume(turn: Turn) -> None:
    """Take the check up again where it was."""
    if turn.active_form == CHECK_FORM:
        turn.chat.checking = True
        ask_next(turn)
    else:
        turn.defer(CHECK_FORM)


def end_for_danger(turn: Turn) -> bool:
    """End the check when what is known now is an emergency, so that nothing is said before the emergency message."""
    if turn.assessment().disposition != EMERGENCY:
        return False
    result.tell_emergency(turn)
    return True


def ask_next(turn: Turn) -> None:
    """Ask for consent, then the next card; when nothing is left the result is due."""
    if turn.chat.consent is None:
        asking.ask_consent(turn)
        return
    card = next_card(turn.facts, set(turn.chat.asked), one_at_a_time=turn.one_at_a_time, hurry=turn.chat.hurry)
    if card is None:
        turn.chat.checking = False
        turn.chat.open = []
        turn.chat.stage = DUE
        return
    asking.ask(turn, card)


def offer_next(turn: Turn) -> None:
    """Outside the check: the three doors, or what makes sense after a result."""
    if turn.chat.checking or turn.chat.pending or turn.replies.offer_something:
        return
    if turn.chat.told:
        turn.replies.say("anything_else", parts={"choices": after_result(turn)})
    else:
        turn.replies.say("anything_else", parts={"choices": doors()})


def doors() -> list[dict[str, object]]:
    """The three ways in."""
    return [button("check"), button("book"), button("ask", door="ask")]


def after_result(turn: Turn) -> list[dict[str, object]]:
    """What a patient may want after the result; booking only where the advice allows it."""
    told = turn.chat.told or {}
    choices = [button("muscles"), button("stretches")] if told.get("stretches") in ("gentle", "full") else []
    if told.get("disposition") in ("clinic_appointment", "self_care"):
        choices.append(button("book"))
    return [*choices, button("person"), button("afresh")]


def start_afresh(turn: Turn) -> None:
    """Forget the answers (not the consent) and begin a new check."""
    chat = turn.chat
    turn.forget(list(turn.facts))
    chat.asked = [question for question in chat.asked if question == asking.CONSENT]
    chat.open, chat.steps, chat.reasked, chat.skipped, chat.revising = [], [], {}, [], {}
    chat.told, chat.plan, chat.explained, chat.confused, chat.hurry = None, {}, 0, 0, False
    chat.dismissed = []
    turn.replies.say("restarted")
    resume(turn)
