import pytest

from bot.clinic import load_clinic
from bot.knowledge import fill, load_knowledge
from tests.knowledge.reading import grade, syllables

HIGHEST_GRADE = 8.0
KNOWLEDGE = load_knowledge()
ADDRESSES = dict.fromkeys(("facebook", "privacy_contact", "privacy_url", "web_chat"), "our page")
WORDS = {**load_clinic("bot/clinic/clinic.yml").words(), **ADDRESSES, "value": "8"}


def texts():
    for question in KNOWLEDGE.questions.all:
        yield f"{question.id} web", question.web
        yield f"{question.id} messenger", question.messenger
        yield f"{question.id} why", question.why
        for reason, text in question.bad_input.items():
            yield f"{question.id} {reason}", text
    for plan in (*KNOWLEDGE.questions.plans, *KNOWLEDGE.questions.hurry_plans):
        if plan.intro:
            yield f"card {plan.id}", plan.intro
    for rule in KNOWLEDGE.rules.all:
        yield f"row {rule.row}", rule.reason
    for flag in KNOWLEDGE.red_flags.values():
        yield f"flag {flag.id}", flag.clarify
        yield f"flag {flag.id} questions", " ".join(flag.questions)
    for card in KNOWLEDGE.safety.cards.values():
        yield f"safety {card.id}", " ".join((card.first, card.say, *card.meanwhile))
    for answer in KNOWLEDGE.answers.values():
        if answer.intent not in ("ask_cost", "ask_hours", "ask_location"):  # the clinic's own words
            yield f"answer {answer.intent}", answer.text
    for stretch in KNOWLEDGE.stretches.all:
        yield f"stretch {stretch.id}", " ".join((*stretch.steps, *stretch.cautions))
    for band in KNOWLEDGE.score.bands:
        yield f"band {band.id}", band.text
    yield "story", " ".join(sentence.text for sentence in KNOWLEDGE.explanation.told())


@pytest.mark.parametrize(
    ("word", "expected"),
    [("back", 1), ("sitting", 2), ("numb", 1), ("doctor", 2), ("emergency", 4), ("change", 1), ("needed", 2)],
)
def test_syllables_are_counted_as_spoken(word, expected):
    assert syllables(word) == expected


@pytest.mark.parametrize(("name", "text"), [pytest.param(name, text, id=name) for name, text in texts()])
def test_reads_at_grade_8_or_below(name, text):
    assert grade(fill(text, WORDS)) <= HIGHEST_GRADE, f"{name}: {text}"
