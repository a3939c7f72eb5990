"""Reading the answer to a known question."""

from bot.language.answers.joined import read_answers
from bot.language.answers.polarity import read_yes_no
from bot.language.answers.registry import read_answer
from bot.language.answers.volunteered import read_volunteered

__all__ = ["read_answer", "read_answers", "read_volunteered", "read_yes_no"]
