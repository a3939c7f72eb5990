import re
from datetime import date, time

import pytest

from bot.clinic import load_clinic
from bot.knowledge import ContentError

CLINIC = "bot/clinic/clinic.yml"


@pytest.fixture
def changed(tmp_path):
    def write(old, new):
        with open(CLINIC, encoding="utf-8") as file:
            text = file.read()
        assert old in text
        path = tmp_path / "clinic.yml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


def test_reads_the_clinic():
    clinic = load_clinic(CLINIC)
    assert clinic.name == "Attuned Vitality"
    assert clinic.practitioner.name == "Dr. Wendy"
    assert [service.id for service in clinic.services] == ["consultation", "deep_tissue_massage", "class_iv_laser"]
    assert clinic.service("class_iv_laser").minutes == 30
    assert clinic.practitioners_for("consultation") == clinic.practitioners
    assert (clinic.emergency.number, clinic.crisis.number) == ("911", "988")
    assert clinic.zone.key == "America/New_York"


def test_breaks_are_the_gaps_between_spans():
    monday = load_clinic(CLINIC).practitioner.hours[0]
    assert [(span.start, span.end) for span in monday] == [(time(9), time(12, 30)), (time(13, 30), time(18))]


def test_an_unknown_service_is_a_key_error():
    with pytest.raises(KeyError):
        load_clinic(CLINIC).service("acupuncture")


@pytest.mark.parametrize(("country", "number", "crisis"), [("GB", "999", "116123"), ("AU", "000", "131114")])
def test_the_country_chooses_the_numbers(changed, country, number, crisis):
    clinic = load_clinic(changed("country: US  ", f"country: {country}  "))
    assert (clinic.emergency.number, clinic.crisis.number) == (number, crisis)
    assert clinic.words()["emergency"] == number


def test_extra_closed_days_are_dates(changed):
    path = changed("extra_closed_days: []", "extra_closed_days: [2026-12-24]")
    assert load_clinic(path).closed_days == {date(2026, 12, 24)}


def test_hours_and_prices_in_words():
    words = load_clinic(CLINIC).words()
    assert words["hours"].startswith("Monday to Wednesday 9 am to 12:30 pm and 1:30 pm to 6 pm; Thursday 10 am")
    assert "Deep tissue massage: $110 for 60 minutes." in words["prices"]


def test_each_category_is_kept_for_its_own_time(changed):
    kept = load_clinic(changed("audit: 2190", "messages: 7")).retention
    assert (kept.messages, kept.facts, kept.conversations, kept.appointments, kept.audit) == (7, 30, 730, 30, 2190)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("America/New_York", "New York", "is not a time zone"),
        ("country: US  ", "country: ZZ  ", "no emergency numbers are known for 'ZZ'"),
        ("+12125550142", "212-555-0142", "write the number as + and digits only"),
        ('friday: ["09:00-13:00"]', 'friday: ["13:00-09:00"]', "ends before it starts"),
        ('friday: ["09:00-13:00"]', 'friday: ["9 to 1"]', "is not a span of time"),
        ('friday: ["09:00-13:00"]', 'freitag: ["09:00-13:00"]', "is not a day of the week"),
        ("services: [consultation,", "services: [acupuncture,", "there is no service called acupuncture"),
        ("retention_days: 30", "retention_days: 0", "write a whole number from 1 to 3650"),
        ("audit: 2190", "messages: 31", "patients are told 30 days"),
        ("conversations: 730", "conversations: 29", "a conversation cannot go before its messages and facts"),
        ("minutes: 45", "minutes: forty", "write a number for 'minutes'"),
        ("directions:", "direction:", "nobody reads 'direction'"),
        ("extra_closed_days: []", "extra_closed_days: [Christmas]", "is not a date"),
    ],
)
def test_a_wrong_clinic_file_is_refused_with_its_line(changed, old, new, says):
    path = changed(old, new)
    line = path.read_text(encoding="utf-8").split(new)[0].count("\n") + 1
    with pytest.raises(ContentError, match=re.escape(says)) as refusal:
        load_clinic(path)
    assert refusal.value.line == line
