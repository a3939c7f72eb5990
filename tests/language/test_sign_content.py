"""Bad lexicon content is refused with its file and line; indirect wording is compared with examples."""

from __future__ import annotations

import numpy as np
import pytest

from bot.knowledge.source import ContentError
from bot.language import find_flags
from bot.language.examples import read_examples
from bot.language.flags import LEXICON, words_of
from bot.language.indirect import LEARNT_FILE
from bot.language.learning import digest
from bot.language.meaning import load_encoder
from bot.language.sign_content import read_concepts, read_signs

GOOD = """\
signs:
  infection:
    fever:
      facts: {fever: true}
      say: [FEVER ..3 high]
"""


def refusal(tmp_path, text):
    path = tmp_path / "patterns.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        list(read_signs(path, {"FEVER"}))
    return caught.value


def test_good_signs_are_read(tmp_path):
    path = tmp_path / "patterns.yml"
    path.write_text(GOOD, encoding="utf-8")
    (sign,) = read_signs(path, {"FEVER"})
    assert (sign.flag, dict(sign.facts), len(sign.patterns)) == ("infection", {"fever": True}, 1)


@pytest.mark.parametrize(
    ("wrong", "line", "named"),
    [
        (GOOD.replace("FEVER ..3", "FEVR ..3"), 5, "FEVR"),
        (GOOD + "      unless: [HEATPAD]\n", 6, "HEATPAD"),
        (GOOD + "      unles: [FEVER]\n", 6, "unles"),
        (GOOD + "      said_as: perhaps\n", 6, "perhaps"),
        (GOOD + "      history: sometimes\n", 6, "history"),
        (GOOD.replace("[FEVER ..3 high]", "[]"), 5, "say"),
    ],
)
def test_a_wrong_sign_is_refused_with_its_line(tmp_path, wrong, line, named):
    error = refusal(tmp_path, wrong)
    assert error.line == line
    assert named in str(error)
    assert str(error).startswith(f"patterns.yml:{line}:")


def test_a_concept_without_phrases_is_refused(tmp_path):
    path = tmp_path / "concepts.yml"
    path.write_text("concepts:\n  NUMB: [numb]\n  SADDLE: []\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"concepts\.yml:3"):
        read_concepts(path)


def test_every_concept_of_the_lexicon_has_phrases():
    assert all(read_concepts(path) is not None for path in LEXICON.glob("*.yml"))


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("the toilet paper may as well be air to me when I dry myself", "cauda_equina"),
        ("the message from my bladder just is not getting through", "cauda_equina"),
        ("my leg refuses to take orders from me", "neuro_deficit"),
    ],
)
def test_indirect_wording_is_noticed(text, flag):
    assert any(found.id == flag and found.facts for found in find_flags(text))


@pytest.mark.parametrize(
    "text",
    [
        "could the toilet paper feel different because of sciatica?",
        "my aunt's waterworks have completely forgotten their job",
        "my laptop refuses to take orders from me",
    ],
)
def test_what_is_asked_or_of_others_is_not_an_indirect_sign(text):
    assert not [f for f in find_flags(text) if f.assertion == "present" or (f.assertion == "possible" and f.facts)]


def test_what_was_learnt_is_that_of_the_examples_as_they_are():
    with np.load(LEARNT_FILE, allow_pickle=False) as learnt:
        assert learnt["digest"].tobytes().decode() == digest(), "run python -m bot.language.learning"


def test_a_present_sign_without_facts_is_refused_with_its_line(tmp_path):
    (tmp_path / "dvt.yml").write_text("signs:\n  - flag: dvt\n    say: [my calf is hot]\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"dvt\.yml:2: .*facts"):
        list(read_examples(tmp_path))


def test_meaning_outlives_other_words():
    def vector(said):
        return load_encoder().encode([words_of(said)])[0]

    numb = vector("there is no feeling left around my bottom")
    assert numb @ vector("my backside has lost all sensation") > 0.2 > numb @ vector("we had a lovely time by the sea")


@pytest.mark.parametrize("said", ["", "???", "x" * 5000, "ありがとう ございます 先生 お願い", "word " * 500])
def test_any_words_have_a_meaning(said):
    (vector,) = load_encoder().encode([words_of(said)])
    assert vector @ vector == pytest.approx(1)


@pytest.mark.parametrize(
    "text", ["sometimes I think I might end my life", "what's the point of living", "maybe I should just kill myself"]
)
def test_a_hedged_thought_of_suicide_is_told_not_asked(text):
    assert "present" in {flag.assertion for flag in find_flags(text) if flag.id == "crisis"}


@pytest.mark.parametrize("text", ["no I don't want to hurt myself", "I would never harm myself"])
def test_a_denied_thought_of_suicide_is_denied(text):
    assert {flag.assertion for flag in find_flags(text) if flag.id == "crisis"} <= {"absent"}


@pytest.mark.parametrize(
    "text",
    [
        "my groin is numb and a bit cold",
        "I can't feel when I wipe, no change with the exercises",
        "I was terrified, I soiled myself at work",
    ],
)
def test_words_nearby_do_not_hide_a_new_sign(text):
    assert "present" in {flag.assertion for flag in find_flags(text) if flag.id == "cauda_equina"}
