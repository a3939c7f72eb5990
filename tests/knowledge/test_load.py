import subprocess
import sys
import time
from pathlib import Path

from bot.clinic import load_clinic
from bot.knowledge import fill, load_knowledge
from bot.knowledge.check import ANSWERED_INTENTS, FLAGS, QUESTIONS
from bot.knowledge.claims import patient_texts
from bot.knowledge.load import CONTENT_FOLDER, PATIENT_FILES
from bot.knowledge.source import ContentFile

KNOWLEDGE = load_knowledge()
WORDS = {**load_clinic("bot/clinic/clinic.yml").words(), "web_chat": "https://example.org", "value": "8"}


def test_has_every_question_flag_and_answer_of_the_contract():
    assert {question.id for question in KNOWLEDGE.questions.all} == set(QUESTIONS)
    assert set(KNOWLEDGE.red_flags) == set(FLAGS)
    assert set(ANSWERED_INTENTS) <= set(KNOWLEDGE.answers)


def test_every_question_that_needs_them_has_words_for_bad_answers():
    for question in KNOWLEDGE.questions.all:
        assert {"unclear", "declined_once", "declined_twice"} <= set(question.bad_input)
        if question.kind in ("number", "scale"):
            assert {"out_of_range", "impossible"} <= set(question.bad_input)
        if question.safety:
            assert (
                "{" in question.bad_input["clarify_possible"] or "emergency" in question.bad_input["clarify_possible"]
            )


def test_every_option_sets_facts_that_its_question_may_set():
    for question in KNOWLEDGE.questions.all:
        for option in question.options:
            for name, value in option.facts.items():
                KNOWLEDGE.schema.check(name, value)


def test_every_placeholder_can_be_filled():
    for name in PATIENT_FILES:
        for _, text in patient_texts(ContentFile(CONTENT_FOLDER / f"{name}.yml").data, ()):
            assert "{" not in fill(text, WORDS)


def test_an_emergency_card_shows_the_number_first():
    for card in KNOWLEDGE.safety.cards.values():
        if card.kind == "emergency":
            assert "911" in fill(card.first, WORDS)[:90]


def test_the_crisis_card_names_the_line_the_number_and_asks_about_safety():
    card = KNOWLEDGE.safety.cards["crisis"]
    assert "988" in fill(card.first, WORDS) and "911" in fill(card.first, WORDS)
    assert any("Are you safe" in line for line in card.meanwhile)


def test_languages_that_we_do_not_speak_have_a_card():
    assert {"es", "fr", "de", "pt", "pl", "vi", "ar", "zh"} <= set(KNOWLEDGE.safety.languages)
    for card in KNOWLEDGE.safety.languages.values():
        assert "911" in fill(card.emergency, WORDS)
        assert "988" in fill(card.crisis, WORDS)
        assert WORDS["clinic_phone"] in fill(card.clinic, WORDS)


def test_the_version_changes_with_any_content(tmp_path):
    for file in CONTENT_FOLDER.glob("*.yml"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_knowledge(tmp_path).version == KNOWLEDGE.version
    answers = tmp_path / "answers.yml"
    answers.write_text(answers.read_text(encoding="utf-8") + "\n# another line\n", encoding="utf-8")
    assert load_knowledge(tmp_path).version != KNOWLEDGE.version


def test_loading_everything_takes_less_than_150_ms():
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        load_knowledge()
        best = min(best, time.process_time() - began)
    assert best < 0.150


def test_decisions_and_content_import_nothing_heavy():
    program = (
        "import sys, bot.triage, bot.knowledge, bot.clinic;"
        "heavy = {'rasa', 'rasa_sdk', 'starlette', 'sqlalchemy', 'tensorflow', 'spacy'} & set(sys.modules);"
        "sys.exit(' '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=Path.cwd())
    assert done.returncode == 0, done.stderr


def test_check_command_says_that_the_content_is_sound():
    done = subprocess.run([sys.executable, "-m", "bot.knowledge.check"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "58 rows" in done.stdout


def test_check_command_fails_on_bad_content(tmp_path):
    done = subprocess.run([sys.executable, "-m", "bot.knowledge.check", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert "cannot be read" in done.stderr
