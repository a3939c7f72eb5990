"""The review of conversations as a room of the console."""

from __future__ import annotations

from collections.abc import Iterable

from bot.console.reviews.acting import Acting
from bot.console.reviews.lists import Lists
from bot.console.reviews.reading import Reading
from bot.console.reviews.ready import ready_screens
from bot.console.reviews.watch import Watch
from bot.console.screens import Console, Screen


def review_screens(console: Console) -> Iterable[Screen]:
    """The queue, the conversations and the ready replies; the queue is kept up to date while the desk runs."""
    watch = Watch(console.transactions, console.desk.events, console.clinic, console.clock)
    console.desk.also_run.append(watch.run)
    return [*Lists(watch).screens(), *Reading(watch).screens(), *Acting(watch).screens(), *ready_screens()]
