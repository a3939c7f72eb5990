"""Who the clinic is: its name, hours, services and numbers, read from one reviewed file."""

from bot.clinic.loader import (
    Clinic,
    CrisisLine,
    EmergencyNumber,
    Phone,
    Practitioner,
    Retention,
    Service,
    Span,
    load_clinic,
)

__all__ = [
    "Clinic",
    "CrisisLine",
    "EmergencyNumber",
    "Phone",
    "Practitioner",
    "Retention",
    "Service",
    "Span",
    "load_clinic",
]
