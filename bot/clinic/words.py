"""The clinic in words: what fills the placeholders of the content ({clinic}, {phone}, {hours}, ...)."""

from __future__ import annotations

from datetime import time
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.clinic.loader import Clinic, Span

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def clinic_words(clinic: Clinic) -> dict[str, str]:
    """Every placeholder that the clinic's file can fill, by name."""
    person = clinic.practitioner
    return {
        "address": clinic.address,
        "assistant": clinic.assistant_name,
        "cancel_notice_hours": f"{clinic.cancel_notice_hours:g}",
        "clinic": clinic.name,
        "clinic_phone": clinic.phone.display,
        "crisis": clinic.crisis.text,
        "crisis_name": clinic.crisis.name,
        "crisis_number": clinic.crisis.number,
        "directions": clinic.directions,
        "email": clinic.email,
        "emergency": clinic.emergency.label,
        "facebook": clinic.facebook_page or clinic.website,
        "hours": hours_in_words(clinic),
        "maternity": clinic.maternity,
        "medical_line": clinic.medical_line,
        "phone": clinic.phone.display,
        "practitioner": person.name,
        "practitioner_about": person.about,
        "prices": prices_in_words(clinic),
        "privacy_contact": clinic.privacy_contact,
        "privacy_url": clinic.privacy_notice_url,
        "retention_days": str(clinic.retention_days),
        "seen_by": clinic.seen_by,
        "staff_reply": clinic.staff_reply,
        "website": clinic.website,
    }


def hours_in_words(clinic: Clinic) -> str:
    """The opening hours of the first practitioner, days with the same hours together."""
    hours = clinic.practitioner.hours
    groups = []
    for spans, days in groupby(sorted(hours), key=lambda day: hours[day]):
        if spans:
            numbers = list(days)
            names = DAYS[numbers[0]]
            if len(numbers) > 1:
                joint = " to " if numbers[-1] - numbers[0] == len(numbers) - 1 else " and "
                names += joint + DAYS[numbers[-1]]
            groups.append(f"{names} {' and '.join(_span(span) for span in spans)}")
    return "; ".join(groups)


def prices_in_words(clinic: Clinic) -> str:
    """What each service costs, in one sentence for each."""
    return " ".join(f"{service.name}: {service.price} for {service.minutes} minutes." for service in clinic.services)


def _span(span: Span) -> str:
    return f"{_clock(span.start)} to {_clock(span.end)}"


def _clock(moment: time) -> str:
    hour = moment.hour % 12 or 12
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{hour}{minutes} {'am' if moment.hour < 12 else 'pm'}"
