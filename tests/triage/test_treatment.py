import pytest
from hypothesis import given

from bot.triage import assess, booking_hazards, suggested_service
from tests.triage.people import people


@pytest.mark.parametrize(
    ("facts", "hazard"),
    [
        ({"blood_thinner": True}, "blood_thinner"),
        ({"pregnant": "unsure"}, "pregnancy"),
        ({"cancer_history": "past"}, "cancer"),
        ({"dvt_signs": True}, "clot"),
        ({"numbness": "one_leg"}, "numb_skin"),
        ({"hip_replacement": "gt12mo"}, "hip_replacement"),
    ],
)
def test_the_clinic_hears_what_it_must_know(facts, hazard):
    assert hazard in [item.id for item in booking_hazards(facts)]


def test_nothing_to_tell_about_a_plain_sore_back():
    assert booking_hazards({"severity": 3}) == []


@given(facts=people())
def test_never_proposes_a_service_that_a_hazard_rules_out(facts):
    assessment = assess(facts)
    service = suggested_service(facts, assessment)
    avoided = {name for hazard in booking_hazards(facts) for name in hazard.avoid}
    assert service not in avoided
    if assessment.disposition not in ("clinic_appointment", "self_care"):
        assert service is None


def test_no_deep_massage_is_proposed_on_a_blood_thinner():
    facts = {"blood_thinner": True, "front_hip_tightness": True, "pain_on_rising": True, "duration_weeks": 20}
    assert suggested_service(facts, assess(facts)) == "consultation"
