"""All rooms of the console, in the order of the menu. A room gives its screens; add yours here."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.console import people
from bot.console.alerts.room import alert_screens
from bot.console.appointments.room import appointment_screens
from bot.console.entrance import Entrance
from bot.console.knowing import screens as knowing
from bot.console.learning import screens as learning
from bot.console.privacy import screens as privacy
from bot.console.reviews.room import review_screens
from bot.console.screens import Console, Screen
from bot.console.single_sign_on import single_sign_on_screens

ROOMS: tuple[Callable[[Console], Iterable[Screen]], ...] = (
    review_screens,
    alert_screens,
    appointment_screens,
    knowing.screens,
    learning.screens,
    privacy.screens,
    lambda _console: people.screens(),
    lambda _console: Entrance().screens(),
    single_sign_on_screens,
)
