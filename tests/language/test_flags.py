"""Danger signs in patients' words, through the contract's own function."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language import find_flags
from bot.language.examples import read_examples
from bot.language.pipeline import build, load_pipeline

RED_FLAGS = Path(__file__).parents[2] / "bot" / "knowledge" / "red_flags.yml"
EXAMPLES = list(read_examples())
KINDS = sorted({group.flag for group in EXAMPLES if group.flag})


def alarms(text):
    return [
        flag
        for flag in find_flags(text)
        if flag.assertion == "present" or (flag.assertion == "possible" and flag.facts)
    ]


def said(kind, *assertions):
    return [text for group in EXAMPLES if group.flag == kind and group.assertion in assertions for text in group.said]


@pytest.mark.parametrize("kind", KINDS)
def test_signs_are_seen(kind):
    told = said(kind, "present")
    missed = [text for text in told if not any(flag.id == kind for flag in alarms(text))]
    assert len(missed) <= 0.05 * len(told), missed


def test_ordinary_talk_is_no_sign():
    quiet = said(None, "absent")
    false = [text for text in quiet if alarms(text)]
    assert len(false) <= 0.04 * len(quiet), false


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_denied_past_or_of_others_raises_no_alarm(kind):
    cases = said(kind, "absent", "past", "other_person", "figurative")
    wrong = [text for text in cases if any(f.id == kind and f.assertion == "present" for f in find_flags(text))]
    assert len(wrong) <= max(1, 0.05 * len(cases)), wrong


def test_the_reviewed_phrases_are_seen_and_the_hard_negatives_are_not():
    flags = yaml.safe_load(RED_FLAGS.read_text(encoding="utf-8"))["flags"]
    phrases = [(i, p) for i, f in flags.items() for way in f["patterns"].values() for p in way["phrases"]]
    missed = [
        p for i, p in phrases if not any(f.id == i and f.assertion in ("present", "possible") for f in find_flags(p))
    ]
    assert len(missed) <= 0.02 * len(phrases), missed
    negatives = [p for f in flags.values() for p in f["hard_negatives"]]
    assert sum(bool(alarms(p)) for p in negatives) <= 0.03 * len(negatives)


@pytest.mark.parametrize(
    ("text", "flag", "assertion"),
    [
        ("not sure if this is chest pain", "vascular", "possible"),
        ("I have no idea why I have chest pain", "vascular", "present"),
        ("without warning I got chest pain", "vascular", "present"),
        ("i dont have chest pain", "vascular", "absent"),
        ("I don’t have chest pain", "vascular", "absent"),
        ("chest pain - none", "vascular", "absent"),
        ("I have no fever but I do have chest pain", "vascular", "present"),
        ("I have no fever but I do have chest pain", "infection", "absent"),
        ("no doubt I have a fever", "infection", "present"),
        ("no numbness but I can't feel my pad", "cauda_equina", "present"),
        ("my husband says it's nothing but I can't pee", "cauda_equina", "present"),
        ("is numbness between the legs serious", "cauda_equina", "possible"),
        ("is this numbness between my legs serious", "cauda_equina", "present"),
        ("nothing numb down below", "cauda_equina", "absent"),
        ("my neighbour has cancer", "malignancy", "other_person"),
        ("coughed and wet myself, never had that before", "cauda_equina", "present"),
        ("I used to wake for a wee, now I wake up wet", "cauda_equina", "present"),
        ("I always felt the bidet. Now nothing.", "cauda_equina", "present"),
        ("can't get up without holding on, legs are so weak", "neuro_deficit", "present"),
    ],
)
def test_who_when_and_whether(text, flag, assertion):
    assert assertion in {found.assertion for found in find_flags(text) if found.id == flag}


def test_a_supposed_sign_carries_no_facts():
    (flag,) = [flag for flag in find_flags("what if I can't pee?") if flag.id == "cauda_equina"]
    assert (flag.assertion, dict(flag.facts)) == ("possible", {})


def test_a_denied_sign_carries_the_defaults():
    (flag,) = find_flags("no fever")
    assert (flag.assertion, dict(flag.facts)) == ("absent", {"fever": False})


def test_an_old_leak_that_nobody_looked_at_is_told_apart_from_a_known_one():
    known = find_flags("I pee a bit when I sneeze, leaking the same since my kids")
    assert {"bladder_change": "known_longstanding"} in [dict(flag.facts) for flag in known]
    assert all(flag.assertion != "present" for flag in known)


def test_the_span_counts_the_text_as_written():
    text = "Hiya 😂  since Tues my BUM’S   numb…"
    (flag,) = find_flags(text)
    start, end = flag.span
    assert text[start:end] == flag.text == "BUM’S   numb"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read(text):
    for flag in find_flags(text):
        assert 0 <= flag.span[0] < flag.span[1] <= len(text)
        assert text[slice(*flag.span)] == flag.text


@pytest.mark.parametrize(
    "part",
    ["my legs are numb and no fever. ", "numb ", "no ", "😂", "a", "leg ", "pee pee push ", "now both leg "],
)
def test_time_grows_in_step_with_the_text(part):
    def seconds(length):
        text = (part * (length // len(part) + 1))[:length]
        begin = time.perf_counter()
        find_flags(text)
        return time.perf_counter() - begin

    find_flags(part)
    assert seconds(50_000) < 5


def test_one_message_takes_a_few_milliseconds():
    text = "sitting all day, back is stiff, no numbness or leaking, my foot slaps down when I walk, dad had cancer"
    find_flags(text)
    begin = time.perf_counter()
    for _ in range(50):
        find_flags(text)
    assert (time.perf_counter() - begin) / 50 < 0.005


def test_the_built_pipeline_loads_by_its_path(tmp_path):
    import spacy

    build(tmp_path / "pipeline")
    text = "I can’t  pee\nand my bum's numb 😂"
    doc = spacy.load(tmp_path / "pipeline")(text)
    assert doc.text == text
    assert list(doc._.danger_signs) == find_flags(text) == list(load_pipeline()(text)._.danger_signs)
