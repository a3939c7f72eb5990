"""What the clinic should know before it treats, and which service to propose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.knowledge import Hazard, Knowledge
from bot.triage.assessment import Assessment
from bot.triage.content import own_knowledge


def booking_hazards(facts: Mapping[str, Any], *, knowledge: Knowledge | None = None) -> list[Hazard]:
    """The hazards in these facts, to be sent with a booking when the person agrees to share them."""
    known = knowledge or own_knowledge()
    filled = known.schema.filled(facts)
    return [hazard for hazard in known.hazards.all if hazard.when.test(filled)]


def suggested_service(
    facts: Mapping[str, Any], assessment: Assessment, *, knowledge: Knowledge | None = None
) -> str | None:
    """The id of the service to propose; None when a doctor comes first or a hazard rules every service out."""
    known = knowledge or own_knowledge()
    if assessment.disposition not in ("clinic_appointment", "self_care"):
        return None
    filled = known.schema.filled(facts)
    avoid = {service for hazard in booking_hazards(facts, knowledge=known) for service in hazard.avoid}
    fitting = (item.service for item in known.hazards.suggest if item.when.test(filled))
    return next((service for service in fitting if service not in avoid), None)
