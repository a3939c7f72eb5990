"""Ordinary answers raise no alarm, and hide none, however they are strung together."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.language import find_flags, read_answer, read_answers

ORDINARY: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parents[1] / "heldout" / "nothing_wrong.yml").read_text(encoding="utf-8")
)
CARDS = [
    ("saddle_bladder_bowel", "sexual_function"),
    ("leg_symptoms", "weakness_walking"),
    ("trauma", "bone_health_steroids"),
    ("cancer_weight_loss", "fever_infection"),
    ("belly_chest_flank_urine", "meds_blood_thinners"),
    ("recent_procedures_surgery", "pregnancy"),
]
HARMLESS = (False, "none", "no", 0)
GRAVE = {"saddle_change", "bladder_change", "bowel_change", "bilateral_new_or_worse", "weakness", "suicidal", "fever"}
SHARE_OF_FALSE_ALARMS = 0.01


@pytest.mark.parametrize("question", sorted(ORDINARY))
def test_an_ordinary_answer_is_a_plain_no(question):
    for text in ORDINARY[question]:
        answer = read_answer(question, text)
        assert answer is not None and answer.status == "given", text
        assert not {name for name, value in answer.facts.items() if name != "sex" and value not in HARMLESS}, text
        assert not [flag for flag in find_flags(text) if flag.assertion in ("present", "possible")], text


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card[0])
@pytest.mark.parametrize("between", [" ", ". "], ids=["run together", "two sentences"])
def test_two_ordinary_answers_raise_no_alarm(card, between):
    alarms, count = [], 0
    for number, first in enumerate(ORDINARY[card[0]]):
        for second in ORDINARY[card[1]][number % 5 :: 5]:
            text = first + between + second
            count += 1
            facts = {
                name: value
                for answer in read_answers(card, text).values()
                if answer.clarify != "which"
                for name, value in answer.facts.items()
            }
            if any(facts.get(name, False) not in HARMLESS for name in GRAVE):
                alarms.append(text)
    assert len(alarms) <= SHARE_OF_FALSE_ALARMS * count, alarms


@pytest.mark.parametrize(
    ("card", "text", "facts"),
    [
        (CARDS[1], "no pins and needles my right foot keeps catching on the carpet", {"weakness": "foot_drop"}),
        (CARDS[1], "Nothing below the waist both legs getting weaker", {"weakness": "both_legs"}),
        (CARDS[2], "no injury lost about two inches in height", {"bone_fragility": True}),
        (CARDS[2], "not really been on prednisolone for four years", {"bone_fragility": True}),
        (CARDS[3], "never had cancer shivering all night with chills", {"fever": True}),
        (CARDS[4], "none of those warfarin", {"blood_thinner": True}),
        (CARDS[4], "no pain anywhere else apixaban since a clot", {"blood_thinner": True}),
        (CARDS[5], "no ops 16 weeks pregnant", {"pregnant": "yes"}),
        (CARDS[5], "No surgery Yep 30+4. It comes every 7 mins and the wet keeps coming", {"pregnancy_warning": True}),
        (CARDS[0], "all works fine, but my bits have gone sort of dull", {"saddle_change": "new_or_worse"}),
    ],
)
def test_a_no_does_not_reach_into_the_next_answer(card, text, facts):
    read = {name: value for answer in read_answers(card, text).values() for name, value in answer.facts.items()}
    assert {name: read.get(name) for name in facts} == facts


@pytest.mark.parametrize(
    ("question", "text", "facts"),
    [
        ("trauma", "fell out of the loft hatch", {"trauma": "major_lt14d"}),
        ("cancer_weight_loss", "I'm a cancer patient", {"cancer_history": "current"}),
        ("belly_chest_flank_urine", "the left side of my mouth is drooping", {"chest_or_stroke_signs": True}),
        ("leg_symptoms", "my other leg has begun to go numb too", {"bilateral_new_or_worse": True}),
        ("pregnancy", "baby isn't kicking like usual", {"pregnant": "yes", "pregnancy_warning": True}),
        ("saddle_bladder_bowel", "he hasn't peed since yesterday", {"bladder_change": "new_or_worse"}),
    ],
)
def test_a_sign_is_no_no(question, text, facts):
    answer = read_answer(question, text)
    assert answer is not None
    assert {name: answer.facts.get(name) for name in facts} == facts
