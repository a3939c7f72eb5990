"""Pure decisions: what to ask next, how urgent it is, how far the story fits the hip flexors.

assessment = assess(complete(facts))                  # Assessment: disposition, row, reasons, ...
card = next_card(facts, asked, one_at_a_time=False)   # bot.knowledge.Card, or None when the check is over
plan = choose_stretches(facts, assessment.stretches)  # StretchPlan
"""

from bot.triage.assessment import Assessment, Reason, assess, complete, transition
from bot.triage.intake import next_card, next_question, question_card
from bot.triage.story import HipFlexorFit, hip_flexor_score
from bot.triage.stretching import (
    Alternative,
    PlannedStretch,
    StretchPlan,
    another_stretch,
    choose_stretches,
    next_rung,
    unsuitable,
)
from bot.triage.treatment import booking_hazards, suggested_service

__all__ = [
    "Alternative",
    "Assessment",
    "HipFlexorFit",
    "PlannedStretch",
    "Reason",
    "StretchPlan",
    "another_stretch",
    "assess",
    "booking_hazards",
    "choose_stretches",
    "complete",
    "hip_flexor_score",
    "next_card",
    "next_question",
    "next_rung",
    "question_card",
    "suggested_service",
    "transition",
    "unsuitable",
]
