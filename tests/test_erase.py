"""`psoas erase` from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.erase import erase
from bot.settings import Settings
from bot.store import Database
from bot.store.models import Conversation, Message

SAID = "my back is very private"


@pytest.fixture
def conversation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PSOAS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PSOAS_ASSISTANT_PORT", "9")  # nobody listens: the assistant is told later
    database = Database(Settings.from_env().database_url)
    database.migrate()
    with database.session() as session:
        session.add(Conversation(id="c1", channel="webchat"))
        session.flush()
        session.add(Message(conversation_id="c1", seq=1, author="patient", text=SAID))
    database.dispose()
    return "c1"


def test_no_word_is_left(conversation: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(erase, [conversation, "--yes"])
    assert result.exit_code == 0, result.output
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("psoas.db*"))
    assert SAID.encode() not in kept


def test_an_unknown_conversation_is_said_to_be_unknown(conversation: str) -> None:
    result = CliRunner().invoke(erase, ["somebody-else", "--yes"])
    assert result.exit_code == 1
    assert "no conversation" in result.output
