"""Nothing that tells who a patient is leaves the house; what tells about their back does."""

from __future__ import annotations

import pytest

from bot.console.learning.redaction import Known, clinic_words, redact

KNOWN = Known("US", ("Maria O'Neill",), clinic_words(["Attuned Vitality", "Dr. Wendy", "Psoas"]))


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("my name is jordan ellis and my back hurts", ["jordan", "ellis"]),
        ("I'm called Priya", ["Priya"]),
        ("call me tom", ["tom"]),
        ("name: Alicia Monroe", ["Alicia", "Monroe"]),
        ("it hurts, says my husband Luis", ["Luis"]),
        ("Mrs Whitlock told me to write", ["Whitlock"]),
        ("please ask dr Patel about it", ["Patel"]),
        ("it's maria here again, maria o'neill", ["maria", "o'neill"]),
        ("ring me on (607) 555-0134", ["607", "0134"]),
        ("my number is 607 555 0134 thanks", ["607", "0134"]),
        ("+44 7911 123456 is my mobile", ["7911", "123456"]),
        ("6075550134", ["6075550134"]),
        ("write to sam.hart@example.org please", ["sam", "hart", "example.org"]),
        ("sam at example dot org", ["sam", "example"]),
        ("sam (at) example (dot) org", ["sam", "example"]),
        ("I was born on 3 April 1979", ["April", "1979"]),
        ("dob 03/04/1979", ["03/04", "1979"]),
        ("date of birth: 1979-04-03", ["1979"]),
        ("born April 3rd, 1979", ["April", "1979"]),
        ("born in 1979", ["1979"]),
        ("my birthday is the 3rd of april 1979", ["april", "1979"]),
        ("I live at 42 Maple Street, apt 3", ["42", "Maple"]),
        ("12b High Rd", ["12b", "High Rd"]),
        ("flat 7, 18 Station Road, NY 12345", ["flat 7", "18 Station", "12345"]),
        ("my postcode is SW1A 1AA", ["SW1A", "1AA"]),
        ("my ssn is 123-45-6789", ["123-45-6789", "6789"]),
        ("patient no 00481516", ["481516"]),
        ("see https://facebook.com/jordan.ellis", ["jordan", "ellis"]),
        ("I'm @jordanellis on there", ["jordanellis"]),
    ],
)
def test_what_identifies_is_gone(text: str, secrets: list[str]) -> None:
    redacted = redact(text, KNOWN)
    assert [secret for secret in secrets if secret.lower() in redacted.lower()] == [], redacted


@pytest.mark.parametrize(
    "text",
    [
        "my lower back hurts since Monday",
        "I can't feel my left foot and I've had it for 3 weeks",
        "8 out of 10, worse at night",
        "it started 6 months ago, I sit 10 hours a day",
        "I take Warfarin and had Cancer in my family",
        "does Dr. Wendy work on Fridays",
        "is Attuned Vitality open in December",
        "I had an MRI in 2019",
        "between L4 and L5 on the left",
        "I'm 47 and it is about 3/10",
        "can I come at 10:30 on Tuesday",
        "I'm sick of it",
        "MY BACK HURTS SO MUCH",
        "I am not sure. Maybe two weeks. It comes and goes",
    ],
)
def test_what_is_about_the_back_stays(text: str) -> None:
    assert redact(text, KNOWN) == text


def test_a_name_in_the_middle_keeps_the_rest_of_the_sentence() -> None:
    assert redact("my name is jordan and my back hurts", KNOWN) == "my name is NAME and my back hurts"
