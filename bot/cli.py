"""The command line: `psoas`. Each command is loaded from its room only when it is called."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "content": ("bot.knowledge.check:content", "Check the reviewed content."),
    "erase": ("bot.erase:erase", "Erase what a patient wrote."),
    "messenger": ("bot.desk.channels.messenger_setup:messenger", "Set up Facebook Messenger."),
    "retention": ("bot.console.privacy.command:retention", "Erase what was kept long enough."),
    "staff": ("bot.console.cli:staff", "Keep the accounts of the clinic's staff."),
    "talk": ("bot.talk:talk", "Talk with the assistant in the terminal."),
}


class LazyGroup(click.Group):
    """A group whose help is instant: no room is imported to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Psoas, the triage assistant: commands for those who run it."""


if __name__ == "__main__":
    main()
