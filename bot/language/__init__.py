"""Reading patients' words: answers to a known question, and danger signs in context."""

from bot.language.answers import read_answer, read_answers, read_volunteered
from bot.language.types import Answer, Flag

__all__ = ["Answer", "Flag", "read_answer", "read_answers", "read_volunteered"]
