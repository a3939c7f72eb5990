import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge import load_knowledge
from bot.triage import another_stretch, assess, choose_stretches, next_rung
from tests.triage.people import people

CATALOGUE = load_knowledge().stretches
KNEELING = {"A4", "A5"}
AFTER_HIP_REPLACEMENT = {"A1", "C1", "C3"}


def test_full_permission_gives_a_split_stance_and_a_butterfly():
    plan = choose_stretches({}, "full")
    assert plan.ids == ("A1", "A4", "B1")
    assert [item.rung for item in plan.stretches] == ["L1", "L1"]


def test_gentle_permission_gives_gentle_ones_only():
    plan = choose_stretches({"severity": 8}, "gentle")
    assert plan.ids == ("A1", "A2", "B2")
    assert plan.highest_rung == "L2"


def test_limits_lead_to_the_chair():
    assert choose_stretches({"knee_problem": True}, "full").ids == ("A1", "C1", "B2")


def test_no_permission_gives_nothing():
    plan = choose_stretches({}, "none")
    assert (plan.ids, plan.pause) == ((), None)


def test_a_permission_above_what_the_facts_allow_is_lowered():
    assert choose_stretches({"fever": True}, "full").ids == ()
    assert choose_stretches({"severity": 8}, "full").permission == "gentle"


def test_unknown_limits_mean_gentle():
    assert choose_stretches({}, "full", limits_unknown=True).permission == "gentle"


@given(facts=people(), permission=st.sampled_from(["none", "gentle", "full"]))
def test_a_withheld_stretch_is_never_offered(facts, permission):
    plan = choose_stretches(facts, permission)
    offered = set(plan.ids)
    for reason in CATALOGUE.instead:
        other = another_stretch(facts, plan, reason)
        if other is not None:
            assert other.stretch.stretch.id not in plan.ids
            offered.add(other.stretch.stretch.id)
    assert len(plan.stretches) <= 2
    assert not offered & set(plan.excluded)
    if assess(facts).stretches == "none" or permission == "none":
        assert not offered
    if "full" not in (assess(facts).stretches, permission) or plan.permission == "gentle":
        assert all(CATALOGUE[name].gentle for name in offered)
    if facts.get("hip_replacement", "none") != "none":
        assert offered <= AFTER_HIP_REPLACEMENT
    if facts.get("knee_problem"):
        assert not offered & KNEELING
    if facts.get("age", 40) < 18 or facts.get("pregnant", "no") != "no":
        assert not offered


@given(facts=people())
def test_the_couch_stretch_is_never_given_by_a_chat(facts):
    assert "A5" not in choose_stretches(facts, "full").ids


def test_each_reason_for_another_one_leads_somewhere():
    plan = choose_stretches({}, "full")
    for reason in CATALOGUE.instead:
        other = another_stretch({}, plan, reason)
        assert other.stretch.stretch.id not in plan.ids
        assert other.say


def test_who_cannot_kneel_stays_on_their_feet():
    plan = choose_stretches({}, "full")
    assert another_stretch({}, plan, "cannot_kneel").stretch.stretch.id == "A2"


def test_nothing_else_is_offered_where_nothing_was_allowed():
    facts = {"bowel_change": "new_or_worse"}
    assert another_stretch(facts, choose_stretches(facts, "full"), "hurts") is None


@pytest.mark.parametrize(
    ("rung", "good_days", "stop_sign", "expected"),
    [
        ("L1", 3, False, "L2"),
        ("L1", 2, False, "L1"),
        ("L5", 9, False, "L5"),
        ("L4", 9, True, "L2"),
        ("L2", 0, True, "L1"),
    ],
)
def test_the_ladder_goes_up_slowly_and_down_fast(rung, good_days, stop_sign, expected):
    plan = choose_stretches({}, "full")
    assert next_rung(rung, plan, good_days=good_days, stop_sign=stop_sign) == expected


def test_gentle_and_bendy_people_stop_lower_on_the_ladder():
    assert next_rung("L2", choose_stretches({"severity": 8}, "gentle"), good_days=3) == "L2"
    assert choose_stretches({"hypermobile": True}, "full").highest_rung == "L2"


def test_what_is_ruled_out_says_why():
    excluded = choose_stretches({"hip_replacement": "gt12mo"}, "gentle").excluded
    assert "surgeon" in excluded["B2"]
    assert set(excluded) >= {"A2", "A3", "A4", "A5", "B1", "B2"}
