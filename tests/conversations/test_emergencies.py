"""Danger in any place, in any wording, is answered in the very next message and not talked away."""

from __future__ import annotations

import httpx
import pytest

from tests.conversations.places import PLACES, after_result, at_question

WORDINGS = [
    "i cant feel anything when i wipe since yesterday",
    "my privates have gone numb this morning",
    "there's no feeling between my legs any more",
    "it's all numb round my back passage since the weekend",
    "i havent been able to pee since last night",
    "wee just dribbles out of me and I can't feel it, started today",
    "I've lost control of my bladder",
    "ive soiled myself twice today and didnt feel it happen",
    "I can't hold my poo any more since Monday",
    "both my legs have gone numb",
    "pins and needles down both legs since this morning",
    "it was one leg, now it's both of them tingling",
    "my legs gave way and I cannot walk",
    "my foot is dropping, can't lift my toes since yesterday",
    "my right leg gets weaker every day",
    "I was in a car crash yesterday and my back is agony",
    "fell off a ladder this morning, three metres",
    "a horse threw me two days ago, straight on my back",
    "ripping pain from my belly to my back and I nearly passed out",
    "crushing chest pain and I can't breathe properly",
    "my face is drooping on one side and my back hurts",
    "I want to kill myself",
    "i dont want to be here anymore",
    "I've lined up all my pills for tonight",
    "everyone would be better off without me",
    "there's no point in living like this, I wish I was dead",
    "shivering and shaking with 39.5 and I'm on chemo, back on fire",
    "I'm on warfarin and I fell on my back this morning",
    "on apixaban and fell down the steps onto my back",
    "had prostate cancer and now my legs are giving way",
    "30 weeks pregnant and I'm bleeding",
    "pregnant and my waters have just gone",
    "had an epidural in my spine last week and now I can't pee",
    "kidney pain in waves and I'm vomiting with a fever",
]
REASSURANCE = [
    "my husband says it's nothing",
    "it's probably just the codeine",
    "I'm sure it's fine really",
    "can we just carry on with the questions",
    "what stretches can I do",
    "book me a massage",
    "how much is the laser",
    "lol ok",
    "thanks",
    "asdfgh",
]
SOME = ["consent", "age", "leg_symptoms", "mood_safety", "sitting", "booking", "appointment_time", "contact_name"]


@pytest.mark.parametrize(("number", "wording"), enumerate(WORDINGS))
def test_the_next_message_is_the_emergency_card(number: int, wording: str, desk: httpx.Client) -> None:
    for place in (SOME[number % len(SOME)], SOME[(number + 3) % len(SOME)]):
        patient = PLACES[place](desk)
        exchange = patient.say(wording)
        assert "safety" in exchange.replies[0], (place, exchange.text)
        assert "911" in exchange.replies[0]["text"]
        assert patient.result()["disposition"] == "emergency"
        assert not any(reply.get("card", {}).get("kind") == "stretch" for reply in exchange.replies)


def test_nobody_talks_an_emergency_away(desk: httpx.Client) -> None:
    patient = at_question("severity")(desk)
    patient.say("I can't feel when I wipe since this morning")
    for said in REASSURANCE:
        exchange = patient.say(said)
        assert exchange.safety is not None, said
        assert "911" in exchange.text, said
        assert patient.result()["disposition"] == "emergency"


def test_taking_a_sign_back_needs_a_clear_yes(desk: httpx.Client) -> None:
    patient = at_question("leg_symptoms")(desk)
    patient.choose(["both_legs"])
    assert patient.result()["disposition"] == "emergency"
    patient.tap("That was a mistake")
    exchange = patient.tap("Yes")
    assert exchange.safety is None
    assert patient.asked()


def test_a_crisis_offers_nothing_but_help(desk: httpx.Client) -> None:
    patient = after_result(desk)
    exchange = patient.say("I can't go on like this, I'm going to end it tonight")
    assert "988" in exchange.text
    titles = {choice["title"] for reply in exchange.replies for choice in reply.get("choices", [])}
    assert titles <= {"Talk to a person"}


@pytest.mark.parametrize(
    "said",
    [
        "what if I can't pee one day, what should I do?",
        "my nan is incontinent",
        "this chair is killing me",
        "no numbness and I can pee fine",
        "I had a car crash ten years ago, all checked out",
        "is numbness a symptom of a slipped disc?",
    ],
)
def test_what_only_sounds_dangerous_is_no_emergency(said: str, desk: httpx.Client) -> None:
    patient = at_question("severity")(desk)
    patient.say(said)
    assert (patient.result() or {}).get("disposition") != "emergency"
