"""The command line lists all commands at once and loads only the one that is called."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from bot.cli import COMMANDS, main


def test_help_lists_every_command_without_loading_a_room() -> None:
    program = (
        "import sys, bot.cli\n"
        "from click.testing import CliRunner\n"
        "print(CliRunner().invoke(bot.cli.main, ['--help']).output)\n"
        "print([name for name in sys.modules if name.startswith(('bot.desk', 'bot.console', 'spacy', 'sqlalchemy'))])\n"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert all(name in output for name in ("messenger", "content", "erase", "talk"))
    assert output.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.help or command.short_help


@pytest.mark.parametrize("path", [["messenger", "setup"], ["content", "check"]], ids=lambda path: " ".join(path))
def test_the_named_commands_exist(path: list[str]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0, result.output


def test_an_unknown_command_is_refused() -> None:
    result = CliRunner().invoke(main, ["dance"])
    assert result.exit_code == 2
    assert "dance" in result.output
