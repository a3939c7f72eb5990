import pytest
from hypothesis import given

from bot.triage import hip_flexor_score
from tests.triage.people import people

TYPICAL = {
    "sitting_hours_per_day": 10,
    "low_activity": True,
    "pain_on_rising": True,
    "front_hip_tightness": True,
    "relief_with_movement": True,
}


def test_a_typical_story_has_every_point():
    fit = hip_flexor_score(TYPICAL)
    assert (fit.score, fit.band) == (8, "strong")
    assert fit.points == {
        "sitting_long": 2,
        "low_activity": 1,
        "pain_on_rising": 2,
        "front_hip_tightness": 2,
        "relief_with_movement": 1,
    }


@pytest.mark.parametrize(
    ("changed", "score", "band"),
    [
        ({"sitting_hours_per_day": 6.5}, 7, "strong"),
        ({"sitting_hours_per_day": 3.9}, 6, "strong"),
        ({"radiates_to_leg": "one", "numbness": "one_leg"}, 6, "strong"),
        ({"radiates_to_leg": "one", "hip_joint_pattern": True}, 5, "some"),
        ({"pain_on_rising": False, "front_hip_tightness": False, "low_activity": False}, 3, "some"),
    ],
)
def test_each_item_counts_as_the_brief_says(changed, score, band):
    fit = hip_flexor_score({**TYPICAL, **changed})
    assert (fit.score, fit.band) == (score, band)


def test_the_score_never_goes_below_nought():
    assert hip_flexor_score({"sitting_hours_per_day": 1, "radiates_to_leg": "one"}).score == 0


@given(facts=people())
def test_the_band_fits_the_score(facts):
    fit = hip_flexor_score(facts)
    assert fit.band == ("low" if fit.score <= 2 else "some" if fit.score <= 5 else "strong")
    assert 0 <= fit.score <= 8
    assert "%" not in fit.text
