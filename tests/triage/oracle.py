"""A second reading of the table, in plain Python, written apart from rules.yml: what assess is compared with.

Each row is a line of code in the order of the table; nothing here is shared with the program.
"""

DEFAULTS = {
    "age": 40,
    "duration_weeks": 2,
    "severity": 4,
    "inflammatory_criteria": 0,
    "new_pain": True,
    "pregnant": "no",
    "location": (),
}
NONE_BY_DEFAULT = {
    "radiates_to_leg",
    "numbness",
    "weakness",
    "saddle_change",
    "bladder_change",
    "bowel_change",
    "sexual_change",
    "trauma",
    "cancer_history",
    "flank_colic",
    "recent_spinal_procedure",
    "suicidal",
    "night_pain",
    "hip_replacement",
    "prior_stretching",
}
NEW = "new_or_worse"
OLD = "long_stable_unassessed"


class Person:
    """Facts with their defaults, read as attributes."""

    def __init__(self, facts):
        self.facts = facts

    def __getattr__(self, name):
        value = self.facts.get(name)
        if value is not None:
            return value
        if name in NONE_BY_DEFAULT:
            return "none"
        return DEFAULTS.get(name, False)


def neurological_sign(p):
    return (
        p.numbness != "none"
        or p.weakness != "none"
        or p.bilateral_new_or_worse
        or NEW in (p.saddle_change, p.bladder_change, p.bowel_change)
    )


def weak_points(p):
    total = 0
    if p.weight_loss_unexplained:
        total += 2
    if p.first_ever_episode and p.age >= 50:
        total += 1
    if p.night_pain in {"waking", "unrelenting"}:
        total += 1
    for sign in ("not_improving", "thoracic_pain", "fatigue_unexplained", "nonmechanical_pain"):
        if getattr(p, sign):
            total += 1
    return total


def both_legs(p):
    if p.bilateral_new_or_worse:
        return True
    in_both = p.radiates_to_leg == "both" or p.numbness == "both_legs"
    return in_both and not p.claudication_pattern_stable


def saddle_is_new(p):
    return p.saddle_change == NEW or (p.saddle_change == "none" and p.numbness == "saddle")


def rows(facts):
    """Every row of the table that holds for these facts, in order."""
    p = Person(facts)
    nerve = neurological_sign(p)
    cancer = p.cancer_history in {"past", "current"}
    expecting = p.pregnant in {"yes", "unsure"}
    brittle = p.bone_fragility or p.age >= 70
    points = weak_points(p)
    leg_sign = p.radiates_to_leg != "none" or p.numbness != "none" or p.weakness != "none"
    held = []

    def row(name, holds):
        if holds:
            held.append(name)

    row("E1", p.suicidal in {"passive", "active"})
    row("E2", saddle_is_new(p))
    row("E3", p.bladder_change == NEW)
    row("E4", p.bowel_change == NEW)
    row("E5", both_legs(p))
    row("E6", p.weakness not in {"none", "mild_stable"})
    row("E7", p.sexual_change == "new" and leg_sign)
    row("E8", cancer and nerve)
    row("E9", p.trauma == "major_lt14d")
    row("E10", p.aaa_pattern)
    row("E11", p.chest_or_stroke_signs)
    row("E12", p.fever and any((p.infection_risk, nerve, p.severe_unremitting, p.rigors_or_very_unwell)))
    row("E13", p.blood_thinner and any((p.sudden_severe_onset, nerve, p.trauma != "none")))
    row("E14", p.recent_spinal_procedure != "none" and any((p.fever, nerve, p.severe_unremitting)))
    row("E15", p.pregnancy_warning and p.pregnant != "no")
    stone_with = p.fever or p.vomiting or expecting or p.single_kidney
    row("E16", p.flank_colic != "none" and (stone_with or (p.flank_colic == "severe" and p.age >= 55)))
    row("E17", p.hip_emergency)
    row("E18", p.trauma == "minor" and brittle and (p.cannot_stand or nerve))
    row("U1", p.fever)
    row("U2", brittle and (p.trauma == "minor" or p.sudden_severe_onset))
    row("U3", cancer and p.cancer_pain_features)
    row("U4", p.weakness == "mild_stable")
    row("U5", p.severe_unremitting)
    row("U6", OLD in {p.saddle_change, p.bladder_change, p.bowel_change})
    row("U7", p.sexual_change == "new")
    row("U8", p.urinary_infection_symptoms or p.flank_colic != "none")
    row("U9", p.dvt_signs)
    row("U10", p.recent_spinal_procedure == "worse")
    row("U11", expecting and p.severity >= 7)
    row("U12", points >= 3)
    row("U13", p.trauma == "major_2_6wk_unassessed")
    row("U14", p.hip_stress_fracture_pattern)
    row("U15", p.age < 10 or (p.age < 18 and p.paediatric_red_flag))
    row("U16", p.new_deformity)
    row("R1", p.age < 18)
    row("R2", p.inflammatory_criteria >= 3 and p.inflammatory_onset_lt45 and p.duration_weeks > 12)
    row("R3", cancer)
    row("R4", p.pregnant != "no")
    row("R5", p.bone_fragility and p.new_pain)
    row("R6", p.infection_risk and p.new_pain and not p.fever)
    stays_in_one_leg = p.radiates_to_leg == "one" and p.duration_weeks >= 6 and p.not_improving
    row("R7", p.numbness == "one_leg" or stays_in_one_leg)
    row("R8", p.claudication_pattern_stable)
    row("R9", p.first_ever_episode and p.age >= 65)
    row("R10", points == 2)
    surgery = p.recent_surgery_lt12wk or p.recent_spinal_procedure == "stable"
    row("R11", p.hip_replacement == "lt12mo" or p.new_groin_pain_after_thr or surgery)
    row("R12", p.hip_joint_pattern)
    row("R13", p.saddle_change == "transient_explained")
    row("R14", p.safety_item_unanswered)
    row("R15", p.cyclical_or_visceral_pattern)
    clear_leg = p.numbness == "none" and p.weakness == "none"
    row("C1", p.radiates_to_leg == "one" and clear_leg and p.duration_weeks < 6)
    row("C2", p.severity >= 7)
    row("C3", p.prior_stretching in {"no_help", "worse"})
    limits = (p.hypermobile, p.knee_problem, p.balance_problem, p.known_osteoporosis_unchanged_pain, p.blood_thinner)
    row("C4", p.hip_replacement == "gt12mo" or any(limits))
    row("C5", p.recurrent or p.duration_weeks >= 6)
    row("C6", p.first_ever_episode and 50 <= p.age <= 64)
    row("C7", p.wants_appointment or p.function_limited)
    row("S1", p.no_pain)
    row("S2", True)
    return held


DISPOSITION = {
    "E": "emergency",
    "U": "urgent",
    "R": "routine_medical",
    "C": "clinic_appointment",
    "S": "self_care",
}
GENTLE = {"C1", "C2", "C3", "C4"}


def expected(facts):
    """(row, disposition, stretches) by this reading."""
    first = rows(facts)[0]
    stretches = "none" if first[0] in "EUR" else "gentle" if first in GENTLE else "full"
    return first, DISPOSITION[first[0]], stretches
