"""Handing over to a person, honestly about when somebody will read it."""

from __future__ import annotations

from datetime import datetime, timedelta

from actions.base import PatientAction
from actions.buttons import button
from actions.turn import Turn
from bot.clinic import Clinic

DAYS_AHEAD = 14


class ActionHandOver(PatientAction):
    """Answers "a human please"."""

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "action_hand_over"

    def respond(self, turn: Turn) -> None:
        """Mark the conversation as waiting, and say what that means."""
        hand_over(turn)


def hand_over(turn: Turn) -> None:
    """Staff find the conversation in their queue; the assistant stays and keeps listening for danger."""
    clinic = turn.content.clinic
    if turn.chat.waiting:
        turn.replies.say("person_already_asked", when=clinic.staff_reply)
        return
    turn.chat.waiting = True
    turn.replies.say("person_will_read", when=clinic.staff_reply)
    opens = next_opening(clinic, turn.now)
    if opens is not None and opens > turn.now:
        turn.replies.say("clinic_closed_until", day=f"{opens:%A %d %B}", time=f"{opens:%H:%M}")
    turn.replies.say("person_meanwhile", parts={"choices": [button("go_on")]} if turn.chat.checking else None)
    turn.replies.line("state", handler="waiting")


def next_opening(clinic: Clinic, now: datetime) -> datetime | None:
    """When the clinic is next open: now itself when it is open, None when no hours are known."""
    for ahead in range(DAYS_AHEAD):
        day = (now + timedelta(days=ahead)).date()
        if day in clinic.closed_days:
            continue
        spans = sorted(
            (span for person in clinic.practitioners for span in person.hours.get(day.weekday(), ())),
            key=lambda span: span.start,
        )
        for span in spans:
            start = datetime.combine(day, span.start, tzinfo=clinic.zone)
            end = datetime.combine(day, span.end, tzinfo=clinic.zone)
            if now < end:
                return max(start, now)
    return None
