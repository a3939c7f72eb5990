"""A conversation that staff save as a test is one: it replays on the real system and comes to the same end."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
import yaml

from tests.conversations import test_vignettes as vignettes
from tests.conversations.patient import Patient
from tests.conversations.team import Teammate
from tests.running import RunningSystem

CASES = {case["id"]: case for case in vignettes.CASES}


@pytest.fixture(scope="module")
def manager(running_system: RunningSystem) -> Iterator[Teammate]:
    person = Teammate(running_system, "manager")
    yield person
    person.close()


@pytest.mark.parametrize("name", ["numb-toes-one-foot", "fever-without-more"])
def test_a_saved_conversation_passes(name: str, desk: httpx.Client, manager: Teammate) -> None:
    patient = Patient.arrive(desk)
    patient.play(CASES[name]["opening"], CASES[name]["answers"])
    saved = yaml.safe_load(manager.read(patient.conversation, "/test.yml"))
    [case] = saved["cases"]
    assert case["expected"]["disposition"] == (patient.result() or {})["disposition"]
    vignettes.test_case(case, desk)
