"""Reading patients' words: answers to a known question, and danger signs in context."""

from bot.language.answers import read_answer, read_answers, read_volunteered, read_yes_no
from bot.language.flags import find_flags
from bot.language.types import Answer, Flag

__all__ = ["Answer", "Flag", "find_flags", "read_answer", "read_answers", "read_volunteered", "read_yes_no"]
