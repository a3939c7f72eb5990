import random
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge import DISPOSITIONS, FactError, load_knowledge
from bot.triage import assess, choose_stretches, complete, transition
from tests.triage.oracle import expected, rows
from tests.triage.people import SCHEMA, people, random_person, values_of

KNOWLEDGE = load_knowledge()

# The smallest facts that fire each row first, written by hand from the table.
FIRST = {
    "E1": {"suicidal": "passive"},
    "E2": {"saddle_change": "new_or_worse"},
    "E3": {"bladder_change": "new_or_worse"},
    "E4": {"bowel_change": "new_or_worse"},
    "E5": {"bilateral_new_or_worse": True},
    "E6": {"weakness": "foot_drop"},
    "E7": {"sexual_change": "new", "radiates_to_leg": "one"},
    "E8": {"cancer_history": "past", "numbness": "one_leg"},
    "E9": {"trauma": "major_lt14d"},
    "E10": {"aaa_pattern": True},
    "E11": {"chest_or_stroke_signs": True},
    "E12": {"fever": True, "infection_risk": True},
    "E13": {"blood_thinner": True, "trauma": "minor"},
    "E14": {"recent_spinal_procedure": "stable", "fever": True},
    "E15": {"pregnant": "unsure", "pregnancy_warning": True},
    "E16": {"flank_colic": "severe", "age": 55},
    "E17": {"hip_emergency": True},
    "E18": {"trauma": "minor", "age": 70, "cannot_stand": True},
    "U1": {"fever": True},
    "U2": {"sudden_severe_onset": True, "bone_fragility": True},
    "U3": {"cancer_history": "current", "cancer_pain_features": True},
    "U4": {"weakness": "mild_stable"},
    "U5": {"severe_unremitting": True},
    "U6": {"bladder_change": "long_stable_unassessed"},
    "U7": {"sexual_change": "new"},
    "U8": {"urinary_infection_symptoms": True},
    "U9": {"dvt_signs": True},
    "U10": {"recent_spinal_procedure": "worse"},
    "U11": {"pregnant": "yes", "severity": 7},
    "U12": {"weight_loss_unexplained": True, "fatigue_unexplained": True},
    "U13": {"trauma": "major_2_6wk_unassessed"},
    "U14": {"hip_stress_fracture_pattern": True},
    "U15": {"age": 9},
    "U16": {"new_deformity": True},
    "R1": {"age": 17},
    "R2": {"inflammatory_criteria": 3, "inflammatory_onset_lt45": True, "duration_weeks": 13},
    "R3": {"cancer_history": "past"},
    "R4": {"pregnant": "postpartum_lt12wk"},
    "R5": {"bone_fragility": True},
    "R6": {"infection_risk": True},
    "R7": {"radiates_to_leg": "one", "duration_weeks": 6, "not_improving": True},
    "R8": {"radiates_to_leg": "both", "claudication_pattern_stable": True},
    "R9": {"first_ever_episode": True, "age": 65},
    "R10": {"weight_loss_unexplained": True},
    "R11": {"hip_replacement": "lt12mo"},
    "R12": {"hip_joint_pattern": True},
    "R13": {"saddle_change": "transient_explained"},
    "R14": {"safety_item_unanswered": True},
    "R15": {"cyclical_or_visceral_pattern": True},
    "C1": {"radiates_to_leg": "one", "duration_weeks": 5},
    "C2": {"severity": 7},
    "C3": {"prior_stretching": "no_help"},
    "C4": {"blood_thinner": True},
    "C5": {"duration_weeks": 6},
    "C6": {"first_ever_episode": True, "age": 50},
    "C7": {"function_limited": True},
    "S1": {"no_pain": True},
    "S2": {},
}


def test_the_table_has_58_rows_and_a_case_for_each():
    assert [rule.row for rule in KNOWLEDGE.rules.all] == list(FIRST)
    assert len(FIRST) == 58


@pytest.mark.parametrize("row", FIRST)
def test_each_row_fires_first_for_a_case_of_its_own(row):
    assessment = assess(FIRST[row])
    assert assessment.row == row
    assert (assessment.row, assessment.disposition, assessment.stretches) == expected(FIRST[row])
    assert assessment.reasons[0].text and assessment.reasons[0].source in KNOWLEDGE.sources


def test_agrees_with_a_second_reading_of_the_table_on_100000_people():
    drawn = random.Random(20261123)
    for number in range(100_000):
        facts = random_person(drawn, facts_given=(0, 2, 4, 8, 30)[number % 5])
        assessment = assess(facts)
        held = rows(facts)
        assert assessment.row == held[0], facts
        assert list(assessment.matched_rows) == held, facts
        assert (assessment.row, assessment.disposition, assessment.stretches) == expected(facts), facts


@pytest.mark.parametrize("case", yaml.safe_load(Path(__file__).with_name("sample_cases.yml").read_text())["cases"])
def test_sample_cases_come_out_as_written(case):
    assessment = assess(case["facts"])
    assert [assessment.row, assessment.disposition, assessment.stretches] == case["expected"]
    assert assess(complete(case["facts"])).row == case["expected"][0]


def test_absent_and_none_facts_have_their_default():
    assert assess({}) == assess({"age": None, "severity": None}) == assess({"age": 40, "severity": 4})


def test_names_that_are_no_facts_are_ignored():
    assert assess({"duration_band": "acute"}).row == "S2"


@pytest.mark.parametrize(
    "facts",
    [
        {"saddle_change": "yes"},
        {"fever": "no"},
        {"severity": 11},
        {"age": -1},
        {"age": 40.5},
        {"severity": float("nan")},
        {"location": "low_back"},
        {"pregnant": True},
    ],
)
def test_an_impossible_value_is_refused_and_never_read_as_no(facts):
    with pytest.raises(FactError):
        assess(facts)


@pytest.mark.parametrize(
    ("facts", "row"),
    [
        ({"radiates_to_leg": "both"}, "E5"),
        ({"numbness": "both_legs"}, "E5"),
        ({"numbness": "saddle"}, "E2"),
        ({"numbness": "saddle", "saddle_change": "long_stable_unassessed"}, "U6"),
        ({"numbness": "saddle", "saddle_change": "transient_explained"}, "R13"),
        ({"sexual_change": "new", "weakness": "mild_stable"}, "E7"),
        ({"pregnant": "postpartum_lt12wk", "pregnancy_warning": True}, "E15"),
        ({"flank_colic": "moderate", "pregnant": "unsure"}, "E16"),
    ],
)
def test_where_the_table_leaves_room_the_more_urgent_reading_is_taken(facts, row):
    assert assess(facts).row == row


EMERGENCY_FACTS = [FIRST[row] for row in FIRST if row.startswith("E")]


@given(facts=people(), added=st.sampled_from(EMERGENCY_FACTS))
def test_an_added_emergency_fact_is_always_an_emergency(facts, added):
    both = {**facts, **added}
    assert assess(both).urgency <= assess(facts).urgency
    assert assess(both).disposition == "emergency"


@given(facts=people())
def test_only_a_clean_screen_leads_to_stretches(facts):
    assessment = assess(facts)
    if assessment.disposition in DISPOSITIONS[:3]:
        assert assessment.stretches == "none"
        assert choose_stretches(facts, "full").ids == ()


@given(facts=people())
def test_an_unanswered_safety_item_never_ends_in_self_care(facts):
    assert assess({**facts, "safety_item_unanswered": True}).disposition in DISPOSITIONS[:3]


@given(facts=people(), seed=st.randoms())
def test_the_order_in_which_facts_arrive_does_not_matter(facts, seed):
    shuffled = list(facts.items())
    seed.shuffle(shuffled)
    assert assess(dict(shuffled)) == assess(facts)
    assert complete(dict(shuffled)) == complete(facts)


@given(facts=people())
def test_completing_facts_only_goes_up(facts):
    whole = complete(facts)
    assert assess(whole).urgency <= assess(facts).urgency
    assert all(whole[name] == value for name, value in facts.items() if SCHEMA[name].kind not in ("whole", "flag"))
    assert all(whole[name] is True for name, value in facts.items() if value is True)


@given(facts=people(), name=st.sampled_from(["sitting_hours_per_day", "pain_on_rising", "front_hip_tightness"]))
@settings(max_examples=50)
def test_what_only_shapes_the_words_never_changes_the_row(facts, name):
    assert {assess({**facts, name: value}).row for value in values_of(name)} == {assess(facts).row}


def test_what_follows_from_other_facts_is_filled_in():
    night = {"cancer_history": "past", "night_pain": "unrelenting"}
    assert (assess(night).row, assess(complete(night)).row) == ("R3", "U3")
    constant = {"severity": 9, "nonmechanical_pain": True, "night_pain": "unrelenting"}
    assert assess(complete(constant)).row == "U5"
    teenager = {"age": 15, "night_pain": "waking"}
    assert assess(complete(teenager)).row == "U15"
    stiff = {"age": 29, "duration_weeks": 30, "morning_stiffness_min": 60, "relief_with_movement": True}
    assert assess(complete({**stiff, "inflammatory_criteria": 1})).row == "R2"
    assert assess(complete({**stiff, "morning_stiffness_min": 10})).row == "C5"


def test_transition_tells_up_from_down():
    well, ill = assess({}), assess({"fever": True})
    assert (transition(well, ill), transition(ill, well), transition(well, well)) == ("up", "down", "same")


def test_the_assessment_names_the_content_that_decided():
    assert assess({}).content_version == KNOWLEDGE.version


def test_every_result_but_an_emergency_carries_the_watch_card():
    assert not assess(FIRST["E3"]).watch_card
    assert all(assess(FIRST[row]).watch_card for row in FIRST if not row.startswith("E"))


def test_deciding_takes_less_than_200_microseconds():
    facts = {name: values_of(name)[0] for name in SCHEMA.facts}
    assess(facts)
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for _ in range(200):
            assess(facts)
        best = min(best, (time.process_time() - began) / 200)
    assert best < 200e-6
