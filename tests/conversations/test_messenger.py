"""Whole conversations over Messenger: the same advice as on the website, and no message that Meta would refuse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conversations.messenger_patient import MessengerPatient, graph_running, messenger_settings
from tests.conversations.team import Teammate
from tests.fake_graph import FakeGraph, words_of
from tests.running import RunningSystem

CASES = {
    case["id"]: case
    for case in yaml.safe_load(Path(__file__).with_name("cases.yml").read_text(encoding="utf-8"))["cases"]
}
PLAYED = ["numb-toes-one-foot", "breast-cancer-years-ago", "fever-without-more", "fifteen-year-old"]


def system_with(mode: str, model: Path, folder: Path) -> Iterator[tuple[RunningSystem, FakeGraph]]:
    with graph_running() as (graph, url):
        system = RunningSystem(folder / "var", model, messenger_settings(url, mode))
        system.start()
        yield system, graph
        system.stop()


@pytest.fixture(scope="module")
def full(trained_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningSystem, FakeGraph]]:
    """The whole system with Messenger in full mode."""
    yield from system_with("full", trained_model, tmp_path_factory.mktemp("messenger"))


@pytest.fixture
def patient(full: tuple[RunningSystem, FakeGraph]) -> Iterator[MessengerPatient]:
    """Somebody new; nothing that was sent to them may have been refused."""
    system, graph = full
    yield MessengerPatient(system, graph)
    assert graph.refused == []


def said(messages: list[dict[str, Any]]) -> str:
    return "\n".join(words_of(message) for message in messages)


@pytest.mark.parametrize("name", PLAYED)
def test_case(name: str, patient: MessengerPatient) -> None:
    case = CASES[name]
    patient.play(case["opening"], case["answers"])
    result = patient.result()
    assert result is not None, "no result"
    expected = case["expected"]
    assert result["disposition"] in [expected["disposition"], *expected.get("also", [])]


def test_the_greeting_warns_and_asks_before_any_health_question(patient: MessengerPatient) -> None:
    greeting = said(patient.say("hi"))
    assert "911" in greeting
    assert "automated" in greeting
    consent = said(patient.say("my back hurts"))
    assert "Facebook" in consent or "Messenger" in consent or "Meta" in consent
    assert "agree" in consent


def test_an_emergency_is_complete_in_the_very_next_messages(patient: MessengerPatient) -> None:
    patient.say("hi")
    card = said(patient.say("I've gone numb between my legs and I can't pee since this morning"))
    assert "911" in card
    assert "emergency" in card.lower()
    assert patient.result()["disposition"] == "emergency"
    assert not any("stretch" in words_of(body["message"]).lower() for body in patient.graph.taken[patient.person][2:])


def test_a_crisis_is_complete_too(patient: MessengerPatient) -> None:
    card = said(patient.say("I don't want to live any more, I've got the tablets here"))
    assert "988" in card
    assert "911" in card


def test_booking_over_messenger(patient: MessengerPatient) -> None:
    patient.say("I want to book an appointment")
    patient.tap("Skip to booking")
    offered = patient.say("first consultation please")
    assert any("attachment" in message for message in offered) or "Earliest" in str(offered)


def test_a_person_takes_over_and_hands_back(patient: MessengerPatient) -> None:
    ann = Teammate(patient.system, "clinician")
    patient.play_until("age", "my back has been sore for weeks")
    one = patient.conversation()
    ann.do(one, "take-over")
    assert "A person from the clinic's team has joined" in said(patient.receive())
    ann.do(one, "answer", text="Hello, this is Ann from the clinic.")
    assert said(patient.receive()) == "Hello, this is Ann from the clinic."
    patient.say_to_person("thanks Ann, I am 45")
    card = said(patient.say("I've gone numb between my legs and I can't pee since this morning"))
    assert "911" in card
    assert "how old" not in card.lower()
    assert "Emergency alert" in ann.read(one)
    ann.do(one, "answer", text="Please do call 911, I stay here.")
    assert said(patient.receive()) == "Please do call 911, I stay here."
    ann.do(one, "hand-back")
    assert "again, the automated assistant" in said(patient.receive())
    ann.close()


def test_after_a_person_the_assistant_goes_on_where_it_was(patient: MessengerPatient) -> None:
    ann = Teammate(patient.system, "clinician")
    patient.play_until("age", "my back has been sore for weeks")
    one = patient.conversation()
    ann.do(one, "take-over")
    patient.receive()
    ann.do(one, "hand-back")
    back = said(patient.receive())
    assert "again, the automated assistant" in back
    assert "How old are you?" in back
    ann.close()


def test_where_the_clinic_keeps_health_off_messenger(
    trained_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for system, graph in system_with("web_first", trained_model, tmp_path_factory.mktemp("web-first")):
        patient = MessengerPatient(system, graph)
        patient.say("hi, my back has been sore for weeks")
        patient.say("no, none of that")
        everything = str(graph.taken[patient.person])
        assert f"{system.base_url}/" in everything
        assert not any("age" in payload.get("ask", {}).get("questions", []) for payload in patient.payloads())
        card = said(patient.say("actually I can't feel when I wipe and it's new"))
        assert "911" in card
        assert graph.refused == []
