"""Telling the result: what to do first, then why, then what to watch for, then what helps."""

from __future__ import annotations

from typing import Any

from actions import plan
from actions.buttons import button
from actions.turn import EMERGENCY, Turn
from bot.triage import Assessment, Reason, hip_flexor_score, suggested_service

CRISIS_ROW = "E1"
MOST_REASONS = 2
STAGE = "result"
WITH_STRETCHES = ("clinic_appointment", "self_care")


def is_told(turn: Turn) -> bool:
    """Whether the patient already knows this disposition and row."""
    now, told = turn.assessment(), turn.chat.told
    return told is not None and (told["disposition"], told["row"]) == (now.disposition, now.row)


def tell(turn: Turn) -> None:
    """The result of the check, from the facts known now."""
    assessment = turn.assessment()
    if assessment.disposition == EMERGENCY:
        tell_emergency(turn)
        return
    _tell_what_to_do(turn, assessment)
    _tell_why(turn, assessment)
    tell_what_to_watch(turn)
    if assessment.disposition in WITH_STRETCHES:
        plan.give_plan(turn, assessment.stretches)
    _close(turn, assessment)


def retell(turn: Turn) -> None:
    """After a change: the new result, or that the advice stays."""
    if is_told(turn):
        turn.replies.say("result_same")
    else:
        turn.replies.say("result_changed")
        tell(turn)


def repeat(turn: Turn) -> None:
    """Say once more what to do."""
    if turn.assessment().disposition == EMERGENCY:
        repeat_emergency(turn)
    else:
        _tell_what_to_do(turn, turn.assessment())


def tell_emergency(turn: Turn) -> None:
    """The emergency message: everything that matters in the very next bubble, then how to tell the operator."""
    assessment = turn.assessment()
    turn.chat.checking = False
    turn.chat.open = []
    turn.chat.pending = None
    turn.chat.booking = {}
    card = turn.content.safety_card(assessment.row)
    drawn = turn.content.drawn(card)
    turn.replies.tell(
        f"{drawn['first']}\n\n{drawn['say']}",
        safety={"row": assessment.row, "call": turn.content.call(card)},
        card={"kind": "emergency", **drawn},
        result=_payload(turn, assessment, None),
        choices=_emergency_choices(assessment.row),
    )
    _keep(turn, assessment, None)
    turn.replies.line("state", stage=STAGE, alert="crisis" if assessment.row == CRISIS_ROW else EMERGENCY)


def repeat_emergency(turn: Turn) -> None:
    """The short form of the emergency message."""
    row = (turn.chat.told or {}).get("row", turn.assessment().row)
    name = "crisis_reminder" if row == CRISIS_ROW else "emergency_reminder"
    turn.replies.say(name, parts=emergency_parts(turn))


def emergency_parts(turn: Turn, *, with_choices: bool = True) -> dict[str, Any]:
    """What goes beside every emergency message."""
    row = (turn.chat.told or {}).get("row", turn.assessment().row)
    card = turn.content.safety_card(row)
    parts: dict[str, Any] = {"safety": {"row": row, "call": turn.content.call(card)}}
    if with_choices:
        parts["choices"] = _emergency_choices(row)
    return parts


def first_reason(turn: Turn) -> str:
    """The reason of the deciding row, in plain words."""
    return turn.content.fill(turn.assessment().reasons[0].text)


def _emergency_choices(row: str) -> list[dict[str, Any]]:
    return [button("person")] if row == CRISIS_ROW else [button("mistake", take_back=True), button("person")]


def _tell_what_to_do(turn: Turn, assessment: Assessment) -> None:
    fit = hip_flexor_score(turn.facts) if assessment.disposition in WITH_STRETCHES else None
    hip_flexor = None if fit is None else {"score": fit.score, "band": fit.band}
    card = {"kind": "result", "disposition": assessment.disposition, "row": assessment.row}
    turn.replies.say(
        f"result_{assessment.disposition}", parts={"result": _payload(turn, assessment, hip_flexor), "card": card}
    )
    _keep(turn, assessment, hip_flexor)
    turn.replies.line("state", stage=STAGE)


def _tell_why(turn: Turn, assessment: Assessment) -> None:
    """The deciding reason and at most one more, then how the story fits the hip flexors or why nothing is stretched."""
    reasons = list(
        dict.fromkeys(turn.content.fill(reason.text) for reason in _reasons(turn, assessment)[:MOST_REASONS])
    )
    if assessment.disposition in WITH_STRETCHES:
        turn.replies.say("why", reasons=" ".join(reasons))
        turn.replies.tell(hip_flexor_score(turn.facts).text)
        return
    urgent = assessment.disposition == "urgent"
    turn.replies.say("why", reasons=" ".join(reasons))
    turn.replies.say("no_movement_advice" if urgent else "no_stretches")


def tell_what_to_watch(turn: Turn) -> None:
    """The card of signs that need help at once, given with every result."""
    card = turn.content.watch_card()
    drawn = turn.content.drawn(card)
    turn.replies.tell(
        f"{drawn['first']} {drawn['say']}\n\n{turn.content.fill(turn.content.knowledge.safety.disclaimer)}",
        card={"kind": "watch", **drawn},
    )


def _close(turn: Turn, assessment: Assessment) -> None:
    if assessment.disposition == "routine_medical":
        turn.replies.say("after_doctor", parts={"choices": [button("person"), button("afresh")]})
    elif assessment.disposition in WITH_STRETCHES:
        suggested = suggested_service(turn.facts, assessment) or turn.content.clinic.services[0].id
        service = turn.content.clinic.service(suggested)
        is_next_step = assessment.disposition == "clinic_appointment"
        turn.replies.say(
            "offer_booking" if is_next_step else "offer_booking_later",
            service=service.name.lower(),
            parts={
                "ask": {"questions": ["booking"], "kind": "yes_no"},
                "choices": [
                    button("book"),
                    button("not_yet", questions=["booking"], facts={"wants_appointment": False}),
                    button("muscles"),
                ],
            },
        )
        turn.chat.open = ["booking"]
    else:
        turn.replies.say("urgent_close", parts={"choices": [button("person"), button("afresh")]})


def _reasons(turn: Turn, assessment: Assessment) -> list[Reason]:
    """The reasons that led here: rows that call for less are no reason for this advice."""
    rows = turn.content.knowledge.rules
    return [reason for reason in assessment.reasons if rows[reason.row].disposition == assessment.disposition]


def _payload(turn: Turn, assessment: Assessment, hip_flexor: dict[str, Any] | None) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "disposition": assessment.disposition,
        "row": assessment.row,
        "stretches": assessment.stretches,
        "reasons": [turn.content.fill(reason.text) for reason in _reasons(turn, assessment)],
    }
    if hip_flexor:
        payload["hip_flexor"] = hip_flexor
    return payload


def _keep(turn: Turn, assessment: Assessment, hip_flexor: dict[str, Any] | None) -> None:
    turn.chat.stage = STAGE
    turn.chat.told = {
        "disposition": assessment.disposition,
        "row": assessment.row,
        "stretches": assessment.stretches,
    }
    turn.replies.line(
        "assessment",
        disposition=assessment.disposition,
        row=assessment.row,
        matched_rows=list(assessment.matched_rows),
        stretches=assessment.stretches,
        reasons=[{"row": reason.row, "words": reason.text, "source": reason.source} for reason in assessment.reasons],
        facts=turn.facts,
        hip_flexor=hip_flexor,
        content_version=turn.content.knowledge.version,
    )
