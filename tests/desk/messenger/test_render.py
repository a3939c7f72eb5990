"""Whatever is drawn keeps Meta's limits, and nothing of what is said is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clinic import load_clinic
from bot.desk.channels.messenger.limits import shorten, size, split
from bot.desk.channels.messenger.render import Renderer, numbered_options
from bot.desk.channels.messenger.texts import MessengerTexts
from bot.desk.channels.messenger.typed import read_numbers
from bot.knowledge import load_knowledge
from tests.fake_graph import check_send, words_of

ROOT = Path(__file__).parents[3]
CLINIC = load_clinic(ROOT / "bot" / "clinic" / "clinic.yml")
RENDERER = Renderer(MessengerTexts.load(CLINIC))
WORDS = st.text(min_size=0, max_size=5000)
TITLES = st.text(min_size=1, max_size=120).filter(str.strip)


def check(parts: list[dict]) -> list[str]:
    for part in parts:
        check_send({"recipient": {"id": "1"}, "message": part, "messaging_type": "RESPONSE"})
        assert part is parts[-1] or "quick_replies" not in part, "quick replies vanish with the next message"
    return [words_of(part) for part in parts]


def choices(titles: list[str]) -> list[dict]:
    return [{"id": f"abcdef01.5.c{n}", "title": title, "send": {"intent": "x"}} for n, title in enumerate(titles)]


@given(WORDS.filter(str.strip), st.lists(TITLES, max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_text_with_any_choices(text: str, titles: list[str]) -> None:
    said = check(RENDERER.render(text, {"choices": choices(titles)} if titles else {}, 5))
    assert "".join("".join(said).split()).startswith("".join(text.split()))


@given(
    st.sampled_from(["yes_no", "number", "scale", "choice", "choices", "body_map", "text", "time"]), WORDS, st.data()
)
@settings(max_examples=150, deadline=None)
def test_any_question(kind: str, text: str, data: st.DataObject) -> None:
    options = [{"id": f"o{n}", "title": t} for n, t in enumerate(data.draw(st.lists(TITLES, max_size=40)))]
    ask = {"questions": ["x"], "kind": kind, "options": options, "min": 0, "max": 10}
    check(RENDERER.render(text, {"ask": ask}, 3, "https://x.example/chat/continue/abc"))


def test_one_to_three_choices_are_buttons_and_more_are_quick_replies() -> None:
    (few,) = RENDERER.render("What next?", {"choices": choices(["One", "Two", "Three"])}, 5)
    assert [button["title"] for button in few["attachment"]["payload"]["buttons"]] == ["One", "Two", "Three"]
    (many,) = RENDERER.render("What next?", {"choices": choices([f"Choice {n}" for n in range(13)])}, 5)
    assert len(many["quick_replies"]) == 13


def test_more_than_thirteen_choices_are_paged_without_losing_one() -> None:
    payload = {"choices": choices([f"Choice {n}" for n in range(30)])}
    shown, parts = [], RENDERER.render("Which?", payload, 5)
    while True:
        check(parts)
        *some, last = parts[-1]["quick_replies"]
        shown += [reply["title"] for reply in some]
        if not last["payload"].startswith("more|"):
            shown.append(last["title"])
            break
        parts = RENDERER.more(payload, 5, int(last["payload"].rpartition("|")[2]))
    assert shown == [f"Choice {n}" for n in range(30)]


def test_a_title_that_is_cut_stands_above_in_full() -> None:
    long = "Something much longer than a button can hold"
    said = check(RENDERER.render("Which?", {"choices": choices([long, "Short"])}, 5))
    assert long in said[0]


def test_a_checklist_is_a_numbered_list_that_takes_numbers() -> None:
    options = [{"id": "numb", "title": "New numbness"}, {"id": "bladder", "title": "Trouble peeing"}]
    payload = {"ask": {"questions": ["q"], "kind": "choices", "options": options}}
    (part,) = RENDERER.render("Any of these?", payload, 9)
    assert "1. New numbness\n2. Trouble peeing" in part["text"]
    assert [reply["payload"] for reply in part["quick_replies"]] == [
        'value|9|["numb"]',
        'value|9|["bladder"]',
        "value|9|[]",
    ]
    assert numbered_options(payload) == ["numb", "bladder"]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("1 and 3", ["a", "c"]),
        ("1,2", ["a", "b"]),
        ("3", ["c"]),
        ("2 & 2", ["b"]),
        (" 1, 2 and 3. ", ["a", "b", "c"]),
        ("None", []),
        ("none of these", []),
        ("0", []),
        ("1,3", ["a", "c"]),
        ("1 3 & 2", ["a", "c", "b"]),
        ("1) and 3)", ["a", "c"]),
        ("#1, #2", ["a", "b"]),
        ("1, 2, and 3", ["a", "b", "c"]),
        ("numbers 1 and 3 please", ["a", "c"]),
        ("One and three", ["a", "c"]),
        ("1-3", ["a", "b", "c"]),
        ("3-1", None),
        ("all", ["a", "b", "c"]),
        ("All of the above.", ["a", "b", "c"]),
        ("one of them", None),
        ("1 is the worst", None),
        ("and", None),
        ("4", None),
        ("1 year", None),
        ("no", None),
        ("about 2", None),
        ("", None),
        ("one", ["a"]),
    ],
)
def test_typed_numbers(text: str, ids: list[str] | None) -> None:
    assert read_numbers(text, ["a", "b", "c"], RENDERER.texts) == ids


def test_free_times_are_a_carousel_with_the_rest_below() -> None:
    options = [{"id": f"2026-11-{day}", "title": f"Tue {day} Nov, 9:15 AM"} for day in range(10, 22)]
    payload = {
        "ask": {"questions": ["appointment_time"], "kind": "time", "options": options},
        "choices": choices([option["title"] for option in options] + ["More times", "Earliest"]),
        "card": {"kind": "booking", "openings": [{"id": option["id"], "with": "Dr. Wendy"} for option in options]},
    }
    parts = RENDERER.render("These times are free (EST):", payload, 4)
    check(parts)
    cards = [card for part in parts[1:] for card in part["attachment"]["payload"]["elements"]]
    assert [card["title"] for card in cards] == [option["title"] for option in options]
    assert [reply["title"] for reply in parts[-1]["quick_replies"]] == ["More times", "Earliest"]


@pytest.mark.parametrize("name", sorted(load_knowledge().safety.cards))
def test_each_safety_card_is_whole_with_the_number_first(name: str) -> None:
    card, words = load_knowledge().safety.cards[name], {**CLINIC.words(), "web_chat": "", "value": ""}
    first, say = card.first.format_map(words), card.say.format_map(words)
    meanwhile = [line.format_map(words) for line in card.meanwhile]
    payload = {
        "safety": {"row": "E1", "call": "911"},
        "card": {"kind": "emergency", "meanwhile": meanwhile},
        "choices": choices(["That was a mistake", "Talk to a person"]),
    }
    (part,) = RENDERER.render(f"{first}\n\n{say}", payload, 2)
    check([part])
    assert part["text"].startswith(first)
    assert all(line in part["text"] for line in (say, *meanwhile))


@pytest.mark.parametrize("question", load_knowledge().questions.all, ids=lambda question: question.id)
def test_each_question_of_the_check(question) -> None:
    card = load_knowledge().questions.card([question], messenger=True)
    options = [{"id": option.id, "title": option.title} for option in card.options]
    ask = {"questions": [question.id], "kind": card.kind, "options": options, "min": card.minimum, "max": card.maximum}
    said = check(RENDERER.render(card.text, {"ask": ask}, 7, "https://clinic.example/chat/continue/token"))
    assert all(option["title"] in "\n".join(said) or size(option["title"]) <= 20 for option in options)


def test_the_words_of_every_written_case_pass_through() -> None:
    cases = yaml.safe_load((ROOT / "tests" / "conversations" / "cases.yml").read_text(encoding="utf-8"))
    words = [word for word in json.dumps(cases).split('"') if word.strip(" ,:[]{}")]
    for word in words:
        check(RENDERER.render(word, {}, 1))


def test_the_private_chat_is_offered_with_the_consent() -> None:
    ask = {"questions": ["consent"], "kind": "yes_no"}
    said = check(RENDERER.render("Do you agree?", {"ask": ask}, 1, "https://clinic.example/chat/continue/token"))
    assert "https://clinic.example/chat/continue/token" in said[-1]


def test_only_web_addresses_become_links() -> None:
    links = [{"title": "privacy", "href": "https://x.example/p"}, {"title": "plan", "href": "javascript:alert(1)"}]
    (text,) = check(RENDERER.render("Here.", {"links": links}, 1))
    assert "https://x.example/p" in text
    assert "javascript" not in text


def test_texts_are_split_at_sentences() -> None:
    text = " ".join(f"Sentence number {number} is here." for number in range(300))
    pieces = split(text, 2000)
    assert " ".join(pieces) == text
    assert all(piece.endswith(".") for piece in pieces)


@given(st.text(max_size=300), st.integers(5, 80))
def test_a_shortened_title_fits(text: str, most: int) -> None:
    assert size(shorten(text, most)) <= most
