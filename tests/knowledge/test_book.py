import html
import shutil
from datetime import date

import pytest

from bot.knowledge import CONTENT_FOLDER, load_knowledge
from bot.knowledge.book import book, changes_since, content_parts, main, read_signed, sign


@pytest.fixture
def folder(tmp_path):
    for file in CONTENT_FOLDER.glob("*.yml"):
        shutil.copy(file, tmp_path)
    (tmp_path / "signed.yml").unlink(missing_ok=True)
    return tmp_path


def change(folder, file, old, new):
    path = folder / f"{file}.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_book_holds_every_text():
    page = html.unescape(book())
    knowledge = load_knowledge()
    assert knowledge.version in page
    for rule in knowledge.rules.all:
        assert rule.reason in page
    for question in knowledge.questions.all:
        assert question.web in page
        assert all(option.title in page for option in question.options)
    for flag in knowledge.red_flags.values():
        assert all(phrase in page for pattern in flag.patterns for phrase in pattern.phrases)
    for stretch in knowledge.stretches.all:
        assert all(step in page for step in stretch.steps)
    for answer in knowledge.answers.values():
        assert answer.text in page
    for source in knowledge.sources.values():
        assert all(url in page for url in source.urls)


def test_before_anything_was_signed_everything_is_new(folder):
    assert read_signed(folder) is None
    assert "Nothing has been signed yet" in book(folder)
    assert set(changes_since(None, content_parts(folder)).added) == set(content_parts(folder))


def test_after_signing_nothing_has_changed(folder):
    sign("A. Clinician", date(2026, 11, 23), folder)
    signed = read_signed(folder)
    assert (signed.by, signed.on, signed.version) == (
        "A. Clinician",
        date(2026, 11, 23),
        load_knowledge(folder).version,
    )
    assert not changes_since(signed, content_parts(folder)).any
    assert "Nothing has changed since" in book(folder)


def test_a_change_after_signing_is_listed_by_name(folder):
    sign("A. Clinician", date(2026, 11, 23), folder)
    change(folder, "rules", "when: severity >= 7\n", "when: severity >= 8\n")
    change(folder, "answers", "  safe_to_move:\n", "  safe_to_walk:\n")
    changes = changes_since(read_signed(folder), content_parts(folder))
    assert changes.changed == ("rules/rules/C2",)
    assert changes.added == ("answers/answers/safe_to_walk",)
    assert changes.removed == ("answers/answers/safe_to_move",)
    page = book(folder)
    assert "rules/rules/C2" in page
    assert '<article class="new"><span class="sign"></span>\n  <h3 class="policy">51. C2' in page


def test_the_command_writes_the_page(tmp_path, capsys):
    assert main(["--output", str(tmp_path / "sub" / "book.html")]) == 0
    assert capsys.readouterr().out.strip().endswith("book.html")
    assert "Content book" in (tmp_path / "sub" / "book.html").read_text(encoding="utf-8")
