"""Reading patients' words: answers to a known question, and danger signs in context."""

from bot.language.types import Answer, Flag

__all__ = ["Answer", "Flag"]
