import shutil
from pathlib import Path

import pytest
import yaml

from bot.knowledge import CONTENT_FOLDER, ContentError, load_knowledge
from bot.knowledge.check import check

CASES = yaml.safe_load(Path(__file__).with_name("broken.yml").read_text(encoding="utf-8"))["cases"]


@pytest.fixture
def folder(tmp_path):
    for file in CONTENT_FOLDER.glob("*.yml"):
        shutil.copy(file, tmp_path)
    return tmp_path


def broken(folder, case):
    """Replace one thing in one file; gives the line that the refusal must name."""
    path = folder / f"{case['file']}.yml"
    text = path.read_text(encoding="utf-8")
    assert case["replace"] in text, "the case no longer fits the content"
    place = text.index(case["replace"])
    text = text.replace(case["replace"], case["with"], 1)
    path.write_text(text, encoding="utf-8")
    if "at" in case:
        place = text.index(case["at"])
    return text[:place].count("\n") + 1


def test_there_are_enough_cases_of_different_kinds():
    assert len(CASES) >= 25
    assert {case["file"] for case in CASES} >= {"rules", "questions", "red_flags", "stretches", "answers", "facts"}


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_broken_content_is_refused_with_file_line_and_sentence(folder, case):
    line = broken(folder, case)
    with pytest.raises(ContentError) as refusal:
        load_knowledge(folder)
    assert case["says"] in refusal.value.sentence
    assert refusal.value.file.name == f"{case['file']}.yml"
    assert refusal.value.line == line, str(refusal.value)


def test_the_sentence_starts_with_file_and_line(folder):
    (folder / "claims.yml").write_text("must_not_be_claimed:\n  - {pattern: x}\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"^claims\.yml:2: write a text for 'because'$"):
        load_knowledge(folder)


def test_a_missing_file_is_refused(folder):
    (folder / "answers.yml").unlink()
    assert check(folder) == ["answers.yml:1: the file cannot be read (No such file or directory)"]


def test_the_programs_own_content_is_sound():
    assert check() == []


@pytest.mark.parametrize(
    ("file", "replace", "instead", "says"),
    [
        ("answers", "  ask_massage:\n", "  ask_rolfing:\n", "nothing answers ask_massage"),
        ("questions", "questions: [severity, relief]", "questions: [severity]", "relief stands on no card"),
        (
            "red_flags",
            "          - both my legs are weak\n",
            "          - my foot is dropping\n",
            "my foot is dropping",
        ),
    ],
)
def test_what_is_loose_between_files_is_found(folder, file, replace, instead, says):
    path = folder / f"{file}.yml"
    text = path.read_text(encoding="utf-8")
    assert replace in text
    path.write_text(text.replace(replace, instead, 1), encoding="utf-8")
    found = check(folder)
    assert any(says in sentence for sentence in found)


def test_texts_of_other_rooms_are_searched_too(folder):
    (folder / "desk_texts.yml").write_text("hello: Massage is proven to help.\n", encoding="utf-8")
    assert check(folder) == ["desk_texts.yml:1: 'proven' must not be claimed: the evidence does not carry it"]
