from pathlib import Path

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot import language
from bot.assistant.classifier import PatientIntentClassifier
from bot.assistant.components import DangerSigns, OtherLanguage, emergency_intent
from bot.assistant.intent_features import features, words
from bot.language import Flag

EXAMPLES = {
    "ask_cost": ["how much is it", "what does a visit cost", "is it expensive", "what are your prices"],
    "ask_hours": ["when are you open", "what time do you close", "are you open on sunday", "opening hours"],
    "book_appointment": ["book me in", "i want an appointment", "can i come in on tuesday", "any slots this week"],
}


def flag(assertion="present", name="cauda_equina", **facts):
    return Flag(id=name, assertion=assertion, facts=facts, span=(2, 9), text="numb bum")


def parsed(component, text, intent="ask_hours", confidence=0.9):
    message = Message.build(text)
    message.set("intent", {"name": intent, "confidence": confidence}, add_to_output=True)
    message.set("intent_ranking", [{"name": intent, "confidence": confidence}], add_to_output=True)
    [message] = component.process([message])
    return message.as_dict(only_output_properties=True)


@pytest.fixture
def flags_read(monkeypatch):
    def read_as(*flags):
        monkeypatch.setattr(language, "find_flags", lambda text: list(flags))

    return read_as


@pytest.fixture
def storage(tmp_path):
    return LocalModelStorage.create(tmp_path)


@pytest.fixture
def trained(storage):
    classifier = PatientIntentClassifier({}, storage, Resource("intents"))
    classifier.train(
        TrainingData([Message.build(text, intent) for intent, texts in EXAMPLES.items() for text in texts])
    )
    return classifier


class TestDangerSigns:
    def test_an_affirmed_emergency_overrules_whatever_was_thought(self, flags_read):
        flags_read(flag(saddle_change="new_or_worse"))
        result = parsed(DangerSigns(), "when are you open, also my bum is numb")
        assert result["intent"] == {"name": "report_red_flag", "confidence": 1.0}
        assert [entry["name"] for entry in result["intent_ranking"]] == ["report_red_flag", "ask_hours"]

    def test_thoughts_of_suicide_are_a_crisis_even_beside_another_emergency(self, flags_read):
        flags_read(flag(saddle_change="new_or_worse"), flag(name="crisis", suicidal="passive"))
        assert parsed(DangerSigns(), "...")["intent"]["name"] == "crisis"

    @pytest.mark.parametrize("assertion", ["absent", "past", "possible", "other_person", "figurative"])
    def test_what_is_not_affirmed_leaves_the_intent_and_is_handed_on(self, flags_read, assertion):
        flags_read(flag(assertion, saddle_change="new_or_worse"))
        result = parsed(DangerSigns(), "...")
        assert result["intent"]["name"] == "ask_hours"
        assert result["flags"] == [
            {
                "id": "cauda_equina",
                "assertion": assertion,
                "facts": {"saddle_change": "new_or_worse"},
                "span": [2, 9],
                "text": "numb bum",
            }
        ]

    def test_a_sign_that_is_no_emergency_alone_leaves_the_intent(self, flags_read):
        flags_read(flag(name="anticoagulant", blood_thinner=True))
        assert parsed(DangerSigns(), "...")["intent"]["name"] == "ask_hours"

    def test_two_signs_together_can_be_an_emergency(self):
        signs = [flag(name="anticoagulant", blood_thinner=True), flag(name="fracture", trauma="minor")]
        assert emergency_intent(signs[:1]) is None
        assert emergency_intent(signs) == "report_red_flag"

    def test_a_later_mention_does_not_hide_an_emergency(self):
        signs = [flag(saddle_change="new_or_worse"), flag(saddle_change="transient_explained")]
        assert emergency_intent(signs) == "report_red_flag"

    def test_no_signs_gives_an_empty_list(self, flags_read):
        flags_read()
        assert parsed(DangerSigns(), "hello")["flags"] == []


class TestOtherLanguage:
    def test_names_the_language_and_makes_it_the_intent(self):
        result = parsed(OtherLanguage(), "me duele mucho la espalda")
        assert (result["intent"], result["language"]) == ({"name": "other_language", "confidence": 1.0}, "es")

    def test_english_keeps_its_intent(self):
        result = parsed(OtherLanguage(), "when r u open mate")
        assert (result["intent"]["name"], result["language"]) == ("ask_hours", "en")


class TestClassifier:
    @pytest.mark.parametrize(
        ("text", "intent"),
        [
            ("how much does a visit cost", "ask_cost"),
            ("WHAT TIME are you open??", "ask_hours"),
            ("i want to boook an apointment", "book_appointment"),
        ],
    )
    def test_learns_from_examples(self, trained, text, intent):
        ranking, sure = trained.rank(text)
        assert ranking[0]["name"] == intent
        assert sure

    def test_reads_a_word_that_no_example_has_by_its_meaning(self, trained):
        assert "fee" not in {word for texts in EXAMPLES.values() for text in texts for word in text.split()}
        ranking, _ = trained.rank("fee")
        assert next(entry["name"] for entry in ranking if entry["name"] != "out_of_scope") == "ask_cost"

    def test_two_intents_too_close_to_call_are_out_of_scope(self, trained):
        [message] = trained.process([Message.build("how much is it to come in when you are open")])
        if not message.get("fallback"):
            pytest.fail(f"sure of {message.get('intent')}")
        assert message.get("intent")["name"] == "out_of_scope"
        assert message.get("intent_ranking")[1]["name"] in EXAMPLES

    @pytest.mark.parametrize("text", ["", " ", "\x00", "🦄" * 2_000, "a" * 50_000, "ß\u202e\ud7ff"])
    def test_takes_any_text(self, trained, text):
        [message] = trained.process([Message.build(text)])
        assert 0 <= message.get("intent")["confidence"] <= 1

    def test_a_message_without_anything_known_is_out_of_scope(self, trained):
        [message] = trained.process([Message.build("")])
        assert message.get("intent")["name"] == "out_of_scope"
        assert message.get("fallback") is True

    def test_is_the_same_after_being_kept(self, trained, storage):
        again = PatientIntentClassifier.load({}, storage, Resource("intents"), None)
        for text in ("how much", "are you open on friday", "appointment"):
            before, after = trained.rank(text)[0], again.rank(text)[0]
            assert [entry["name"] for entry in after] == [entry["name"] for entry in before]
            assert after[0]["confidence"] == pytest.approx(before[0]["confidence"], abs=0.02)

    def test_keeps_no_pickle(self, trained, tmp_path):
        kept = {file.suffix for file in Path(tmp_path).rglob("*") if file.is_file()}
        assert kept == {".npz", ".json"}

    def test_untrained_it_knows_nothing(self, storage):
        untrained = PatientIntentClassifier.load({}, storage, Resource("never trained"), None)
        [message] = untrained.process([Message.build("hello")])
        assert message.get("intent")["name"] == "out_of_scope"


class TestFeatures:
    def test_phone_typing_reads_like_plain_words(self):
        assert words("I’M OPEN??") == words("im open??")

    def test_numbers_are_one_word_whatever_they_are(self):
        assert words("45") == words("72") == ["00"]

    def test_shape_says_whether_it_asks(self):
        assert "asks" in features(words("open?"))["shape"]
        assert "asks" not in features(words("open"))["shape"]
