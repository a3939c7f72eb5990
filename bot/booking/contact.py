"""Checks how to reach a patient, and brings it into one form."""

from __future__ import annotations

import re
import unicodedata
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email

from bot.booking.types import Contact, ContactProblem

NAME_LENGTH = 120
_SPACES = re.compile(r"\s+")


def checked_contact(contact: Contact, region: str) -> Contact:
    """The same contact in one form: a printable name, an E.164 phone number, a lower-case e-mail address.

    Raises ContactProblem with the field (name, phone, email, or contact if both ways are missing).
    """
    phone = _phone(contact.phone, region) if contact.phone else None
    email = _email(contact.email) if contact.email else None
    if phone is None and email is None:
        raise ContactProblem("contact", "missing")
    zone = contact.time_zone if contact.time_zone in available_timezones() else None
    return Contact(name=_name(contact.name), phone=phone, email=email, time_zone=zone)


def _name(name: str) -> str:
    visible = "".join(" " if unicodedata.category(sign).startswith(("C", "Z")) else sign for sign in name)
    name = _SPACES.sub(" ", visible).strip()
    if not any(sign.isalpha() for sign in name):
        raise ContactProblem("name", "missing")
    if len(name) > NAME_LENGTH:
        raise ContactProblem("name", "too_long")
    return name


def _phone(phone: str, region: str) -> str:
    # Imported only here: its tables of all countries would slow every start.
    import phonenumbers

    if any(sign.isalpha() for sign in phone):
        raise ContactProblem("phone", "letters")
    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException as error:
        raise ContactProblem("phone", "invalid") from error
    if not phonenumbers.is_possible_number(number):
        raise ContactProblem("phone", "invalid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise ContactProblem("email", "invalid") from error
