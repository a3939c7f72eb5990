"""Danger first: what an emergency sign in any message does, in every state of the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions import result
from actions.buttons import yes_no_not_sure, yes_or_no
from actions.turn import EMERGENCY, SURE_ENOUGH, Turn, decide
from bot.language import read_volunteered

CRISIS_ROW = "E1"
STEERS_AWAY = ("restart", "delete_my_data", "ask_human")  # allowed after an emergency message, each with its own care


def heed(turn: Turn) -> bool:
    """Look for danger in this message; True when it has been dealt with and nothing else may be said."""
    in_emergency = is_emergency_told(turn)
    if turn.chat.pending and turn.chat.pending["kind"] == "danger":
        _settle_doubt(turn)
    _learn_whose_it_is(turn)
    _take_present_flags(turn)
    if _has_new_emergency(turn):
        result.tell_emergency(turn)
        return True
    if turn.is_silent:
        return True
    if in_emergency:
        return _stay_with_emergency(turn)
    if _ask_about_possible_danger(turn):
        return True
    _care_for_others(turn)
    return False


def is_emergency_told(turn: Turn) -> bool:
    """Whether the last thing this patient was told is to get emergency help."""
    return bool(turn.chat.told) and turn.chat.told is not None and turn.chat.told["disposition"] == EMERGENCY


def _learn_whose_it_is(turn: Turn) -> None:
    """Who opens with their mother's back writes for her: what she feels is the patient's own from then on."""
    if turn.facts or turn.chat.checking or turn.chat.told or not turn.is_typed:
        return
    if any(flag["assertion"] == "other_person" for flag in turn.flags):
        about = read_volunteered(turn.text, now=turn.now).get("age")
        if about is not None and about.facts.get("subject") == "other":
            turn.learn({"subject": "other"})


def _take_present_flags(turn: Turn) -> None:
    for flag in turn.flags:
        if flag["assertion"] == "present":
            turn.learn(flag["facts"])


def _has_new_emergency(turn: Turn) -> bool:
    assessment = turn.assessment()
    if assessment.disposition != EMERGENCY:
        return False
    told = turn.chat.told
    return told is None or told["disposition"] != EMERGENCY or _more_pressing(assessment.row, told["row"])


def _more_pressing(row: str, told_row: str) -> bool:
    """A crisis after another emergency (or the other way) is told anew; the same emergency is only repeated."""
    return row != told_row and CRISIS_ROW in (row, told_row)


def _settle_doubt(turn: Turn) -> None:
    """After one clarifying question anything but a clear no counts as present."""
    pending = turn.chat.pending or {}
    turn.chat.pending = None
    if not says_no(turn):
        turn.learn(pending["facts"])
    else:
        turn.chat.dismissed.append(pending["flag"])


def says_no(turn: Turn) -> bool:
    """A clear no, tapped or typed; doubt is not a no."""
    if turn.answer and "yes" in turn.answer:
        return turn.answer["yes"] is False
    if turn.answer and "value" in turn.answer:
        return turn.answer["value"] in (False, "no")
    return turn.reads_yes_no() == "no"


def says_yes(turn: Turn) -> bool:
    """A clear yes, tapped or typed."""
    if turn.answer and "yes" in turn.answer:
        return turn.answer["yes"] is True
    if turn.answer and "value" in turn.answer:
        return turn.answer["value"] in (True, "yes")
    return turn.reads_yes_no() == "yes"


def _ask_about_possible_danger(turn: Turn) -> bool:
    """An ambiguous sign gets one question, which already carries the safety instruction."""
    for flag in turn.flags:
        if flag["assertion"] != "possible" or not flag["facts"] or flag["id"] in turn.chat.dismissed:
            continue
        if not _is_emergency({**turn.facts, **flag["facts"]}):
            continue
        if _is_open_question_of(turn, flag):
            continue
        red_flag = turn.content.knowledge.red_flags[flag["id"]]
        turn.chat.pending = {"kind": "danger", "flag": flag["id"], "facts": flag["facts"]}
        turn.replies.tell(
            turn.content.fill(red_flag.clarify),
            ask={"questions": turn.content.questions_about(flag["facts"]), "kind": "yes_no"},
            choices=yes_no_not_sure(),
        )
        return True
    return False


def _is_open_question_of(turn: Turn, flag: Mapping[str, Any]) -> bool:
    """Doubt about the very thing that is being asked is settled by the check itself."""
    asked = {name for question in turn.chat.open for name in turn.content.knowledge.questions[question].fills}
    return bool(asked & set(flag["facts"]))


def _care_for_others(turn: Turn) -> None:
    """Somebody else's emergency, or a "what if": a word on what to do, and the conversation goes on."""
    if turn.chat.cared_for == turn.message_id:
        return
    for flag in turn.flags:
        if flag["assertion"] == "other_person" and _is_emergency(flag["facts"]):
            turn.replies.say("for_someone_else")
        elif flag["assertion"] == "possible" and not flag["facts"] and flag["id"] in turn.content.emergency_flags:
            result.tell_what_to_watch(turn)
        else:
            continue
        turn.chat.cared_for = turn.message_id
        return


def _is_emergency(facts: Mapping[str, Any]) -> bool:
    return decide({**facts, "subject": "self"}).disposition == EMERGENCY


def _stay_with_emergency(turn: Turn) -> bool:
    """After an emergency message: no questions, no stretches, no booking, until the patient takes the sign back."""
    if turn.intent in STEERS_AWAY or (turn.chat.pending and (says_yes(turn) or says_no(turn))):
        return False
    turn.chat.pending = None
    if turn.metadata.get("event") == "handed_back":
        take_up_again(turn)
    if _takes_back(turn):
        return True
    is_crisis = turn.chat.told is not None and turn.chat.told["row"] == CRISIS_ROW
    turn.replies.say(
        "crisis_reminder" if is_crisis else "emergency_reminder",
        parts=result.emergency_parts(turn),
    )
    return True


def take_up_again(turn: Turn) -> None:
    """Staff have handed back: say who answers from now on."""
    turn.chat.waiting = False
    turn.replies.say("still_automated")


def _takes_back(turn: Turn) -> bool:
    """A clear correction of the very sign leads to one yes/no question, never straight down."""
    corrected = _corrected_facts(turn)
    if corrected is None:
        return False
    turn.chat.pending = {"kind": "take_back", "facts": corrected}
    turn.replies.say(
        "confirm_not_so",
        reason=result.first_reason(turn),
        parts={"choices": yes_or_no(), **result.emergency_parts(turn, with_choices=False)},
    )
    return True


def _corrected_facts(turn: Turn) -> dict[str, Any] | None:
    """What the facts would be if the patient means that the sign is not there; None when nothing is corrected."""
    schema = turn.content.knowledge.schema
    decisive = [name for name, value in turn.facts.items() if _alone_makes_emergency(turn, name, value)]
    if not decisive:
        return None
    cleared = {name: schema.defaults[name] for name in decisive}
    if turn.answer and turn.answer.get("take_back"):
        return cleared
    denied = {name for flag in turn.flags if flag["assertion"] in ("absent", "past") for name in flag["facts"]}
    corrects = turn.intent == "correct_answer" and turn.confidence >= SURE_ENOUGH
    if corrects or denied & set(decisive):
        return cleared
    return None


def _alone_makes_emergency(turn: Turn, name: str, value: Any) -> bool:
    without = {key: kept for key, kept in turn.facts.items() if key != name}
    return decide(turn.facts).disposition == EMERGENCY and (
        decide(without).row != decide(turn.facts).row or decide({name: value}).disposition == EMERGENCY
    )
