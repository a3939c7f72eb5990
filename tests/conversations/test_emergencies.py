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
    "down below is dead, like after the dentist",
    "my undercarriage has no feeling since this morning",
    "sitting on the loo i cant tell if im going or not",
    "haven't passed water since yesterday lunchtime and it's getting painful",
    "my bladder is full but nothing will come out",
    "I keep leaking wee without knowing, began two days ago",
    "pooed myself in bed without noticing",
    "my bum cheeks and the inside of my thighs are numb since last night",
    "both feet have gone to pins and needles and my bladder isn't right",
    "legs like jelly, i've fallen three times today",
    "cant lift my left foot off the floor, came on overnight",
    "my leg is getting weaker by the hour",
    "came off my motorbike an hour ago, back is killing me",
    "fell downstairs last night and now i cant stand up straight",
    "i'm 78, fell in the kitchen this morning and now I can't stand up, terrible pain in my back",
    "something is throbbing in my stomach and the pain goes right through to my back",
    "chest is tight and my left arm feels weird",
    "my speech went slurry and my arm is weak",
    "I've got a temperature of 40, shaking all over and my back is agony",
    "on high dose steroids with a raging fever and back pain",
    "I inject heroin and now I've got fever and terrible back pain",
    "had a spinal injection on thursday, now fever and a splitting back",
    "I've been thinking about ending my life",
    "i want to die, the pain has won",
    "I have a rope and I'm going to use it",
    "nobody would miss me, I've written the letters",
    "38 weeks and the baby hasn't moved all day",
    "I'm pregnant and contractions are every five minutes at 30 weeks",
    "lung cancer patient, my legs went weak yesterday",
    "can't feel my testicles or the area around since sunday",
    "blood thinners, slipped on ice this morning, back bruised and leg numb",
    "my calf is swollen hot and red and I can't catch my breath",
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
STATES = list(PLACES)


@pytest.mark.parametrize(("number", "wording"), enumerate(WORDINGS))
def test_the_next_message_is_the_emergency_card(number: int, wording: str, desk: httpx.Client) -> None:
    for place in (STATES[number % len(STATES)], STATES[(number + len(STATES) // 2) % len(STATES)]):
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
