"""The stretch plan for this person: which stretches, shown how, and what instead."""

from __future__ import annotations

from dataclasses import replace

from actions.buttons import button
from actions.turn import Turn
from bot.triage import PlannedStretch, StretchPlan, another_stretch, choose_stretches, unsuitable

PICTURES = "/widget/pictures"
NO_STRETCHES = "none"
FIRST_RUNG = "L1"
SAFETY_QUESTION = "stretch_safety"


def plan_of(turn: Turn, permission: str) -> StretchPlan:
    """The plan that the facts allow; an unanswered question about hips and knees keeps it gentle."""
    return choose_stretches(turn.facts, permission, limits_unknown=SAFETY_QUESTION in turn.chat.skipped)


def give_plan(turn: Turn, permission: str) -> None:
    """At most two stretches and the standing break, each on a card of its own."""
    plan = plan_of(turn, permission)
    if plan.permission == NO_STRETCHES:
        turn.replies.say("stretches_withheld")
        if plan.withheld:
            turn.replies.tell(turn.content.fill(plan.withheld))
        return
    turn.chat.plan = {"ids": list(plan.ids), "permission": plan.permission}
    turn.replies.say("plan_intro")
    for planned in [*([plan.pause] if plan.pause else []), *plan.stretches]:
        tell_stretch(turn, planned, plan)
    link = turn.content.plans.link(plan.ids, plan.permission, FIRST_RUNG, plan.highest_rung)
    turn.replies.say("plan_link", parts={"links": [turn.content.link("plan", link)]})


def tell_stretch(turn: Turn, planned: PlannedStretch, plan: StretchPlan) -> None:
    """One stretch: name, dose and card with steps, picture and stop signs."""
    stretch = planned.stretch
    catalogue = turn.content.knowledge.stretches
    source = f"{PICTURES}/stretch-{stretch.picture}.svg"
    turn.replies.say(
        "stretch",
        name=stretch.name,
        steps=" ".join(stretch.steps),
        dose=planned.dose,
        parts={
            "image": {"src": source, "alt": stretch.alt},
            "card": {
                "kind": "stretch",
                "id": stretch.id,
                "name": stretch.name,
                "lengthens": stretch.lengthens,
                "steps": list(stretch.steps),
                "cautions": list(stretch.cautions),
                "stop_signs": list(stretch.stop_signs),
                "stop_at_once": list(catalogue.stop_at_once),
                "rung": planned.rung,
                "dose": planned.dose,
                "timed": stretch.dose is None and stretch.id != catalogue.break_id,
                "highest_rung": plan.highest_rung,
                "ladder": [{"rung": rung.name, "dose": rung.dose} for rung in catalogue.ladder],
            },
            "choices": [button("hurts", stretch=stretch.id), button("another", instead=stretch.id)],
        },
    )


def swap(turn: Turn, reason: str, stretch_id: str | None) -> None:
    """Another stretch in place of one; when nothing else is safe, a visit is the better way."""
    told = turn.chat.told or {}
    plan = plan_of(turn, told["stretches"])
    given: list[str] = turn.chat.plan.get("ids") or list(plan.ids)
    found = another_stretch(turn.facts, _as_given(turn, plan, given), reason)
    if found is None:
        turn.replies.say("no_other_stretch", parts={"choices": [button("book"), button("person")]})
        return
    dropped = {stretch_id, *unsuitable(turn.facts, plan.permission)}
    given = [id for id in given if id not in dropped]
    turn.chat.plan = {**turn.chat.plan, "ids": [*given, found.stretch.stretch.id], "permission": plan.permission}
    turn.replies.tell(turn.content.fill(found.say))
    tell_stretch(turn, found.stretch, plan)


def _as_given(turn: Turn, plan: StretchPlan, ids: list[str]) -> StretchPlan:
    """The plan as it was given, after swaps: what is in it is not offered again."""
    catalogue = turn.content.knowledge.stretches
    return replace(
        plan, stretches=tuple(PlannedStretch(catalogue[id], "", "") for id in ids if id != catalogue.break_id)
    )
