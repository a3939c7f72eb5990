"""Places in a conversation, and how a patient who only taps gets there."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from tests.conversations.patient import Patient

MOST_TAPS = 40
TAPS: dict[str, object] = {
    "age": 45,
    "saddle_bladder_bowel": ["none_of_these"],
    "sexual_function": False,
    "leg_symptoms": ["none_of_these"],
    "weakness_walking": ["none_of_these"],
    "trauma": ["none_of_these"],
    "bone_health_steroids": ["none_of_these"],
    "cancer_weight_loss": ["none_of_these"],
    "fever_infection": ["none_of_these"],
    "belly_chest_flank_urine": ["none_of_these"],
    "meds_blood_thinners": False,
    "recent_procedures_surgery": ["none_of_these"],
    "pregnancy": "not_pregnant",
    "mood_safety": "no_such_thoughts",
    "location": ["low_back", "weeks_2_to_6"],
    "duration": ["weeks_2_to_6"],
    "severity": [4, "eases_moving"],
    "relief": ["eases_moving"],
    "night_pain": "night_fine",
    "morning_stiffness": 5,
    "sitting": [8, "sore_first_steps"],
    "rising_from_sitting": True,
    "front_of_hip": ["none_of_these"],
    "prior_stretching": ["none_of_these"],
    "stretch_safety": ["none_of_these"],
    "activity_level": True,
}


def tap_for(patient: Patient) -> object:
    """The harmless answer to what is asked now; a number goes along where a card has both."""
    value = TAPS[patient.asked()[0]]
    both = patient.ask_kind() in ("number", "scale") and not isinstance(value, int | list)
    return [TAPS[patient.asked()[-1]], value] if both else value


def tap_until(patient: Patient, there: Callable[[], bool]) -> Patient:
    """Answer harmlessly, by taps alone, until the patient is there."""
    for _ in range(MOST_TAPS):
        if there():
            return patient
        patient.choose(tap_for(patient))
    raise AssertionError(f"not there after {MOST_TAPS} answers")


def at_consent(desk: httpx.Client) -> Patient:
    """The patient has asked for a check and is asked to agree."""
    patient = Patient.arrive(desk)
    patient.tap("Check my back")
    return patient


def at_question(question: str) -> Callable[[httpx.Client], Patient]:
    """The patient has answered everything before this question of the check."""

    def go(desk: httpx.Client) -> Patient:
        patient = at_consent(desk)
        patient.tap("I agree")
        return tap_until(patient, lambda: question in patient.asked())

    return go


def after_result(desk: httpx.Client) -> Patient:
    """The patient has heard the result of a check without any flag."""
    patient = at_consent(desk)
    patient.tap("I agree")
    return tap_until(patient, lambda: patient.result() is not None)


def at_booking(step: str) -> Callable[[httpx.Client], Patient]:
    """The patient books after the result and has come to this step: service, time or name."""

    def go(desk: httpx.Client) -> Patient:
        patient = after_result(desk)
        patient.tap("Book a visit")
        if step != "appointment_service":
            patient.tap("First consultation")
        if step == "contact_name":
            patient.tap("opening0")
        return patient

    return go


PLACES: dict[str, Callable[[httpx.Client], Patient]] = {
    "consent": at_consent,
    **{
        question: at_question(question)
        for question in (
            "age", "saddle_bladder_bowel", "leg_symptoms", "trauma", "cancer_weight_loss", "belly_chest_flank_urine",
            "recent_procedures_surgery", "mood_safety", "location", "severity", "night_pain", "sitting",
            "prior_stretching",
        )
    },
    "booking": after_result,
    "appointment_service": at_booking("appointment_service"),
    "appointment_time": at_booking("appointment_time"),
    "contact_name": at_booking("contact_name"),
}  # fmt: skip
