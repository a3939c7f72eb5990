from pathlib import Path

import pytest

from bot.knowledge import CONTENT_FOLDER, load_knowledge
from bot.knowledge.row_table import row_table, with_table

DOCUMENT = Path("docs/clinical.md").read_text(encoding="utf-8")


def test_the_document_shows_the_table_as_it_is():
    assert with_table(DOCUMENT, row_table(load_knowledge())) == DOCUMENT, (
        "run python -m bot.knowledge.row_table docs/clinical.md"
    )


def test_the_document_names_every_content_file():
    for path in CONTENT_FOLDER.glob("*.yml"):
        if path.name != "languages.yml":  # how other languages are noticed: nothing that a patient reads
            assert f"`{path.name}`" in DOCUMENT


def test_a_document_without_marks_is_refused():
    with pytest.raises(ValueError, match="needs the marks"):
        with_table("# No marks here\n", "| a |")
