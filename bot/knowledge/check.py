"""`psoas content check`: read all content as strictly as at start, and look at it across files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from bot.knowledge.claims import read_claims, refuse_claims
from bot.knowledge.load import CONTENT_FILES, CONTENT_FOLDER, Knowledge, load_knowledge
from bot.knowledge.source import ContentError, ContentFile

QUESTIONS = (
    "consent", "age", "location", "duration", "severity", "leg_symptoms", "saddle_bladder_bowel", "sexual_function",
    "weakness_walking", "trauma", "bone_health_steroids", "cancer_weight_loss", "fever_infection",
    "belly_chest_flank_urine", "meds_blood_thinners", "recent_procedures_surgery", "pregnancy", "night_pain",
    "morning_stiffness", "mood_safety", "sitting", "sitting_breaks", "rising_from_sitting", "front_of_hip",
    "relief", "prior_stretching", "stretch_safety", "activity_level", "goal", "booking", "appointment_service",
    "appointment_time", "contact_name", "contact_phone", "contact_email",
)  # fmt: skip
FLAGS = (
    "cauda_equina", "neuro_deficit", "fracture", "malignancy", "infection", "vascular", "visceral", "crisis",
    "severe_unremitting", "inflammatory", "pregnancy", "pregnancy_warning", "spinal_procedure", "anticoagulant",
    "dvt", "hip_emergency",
)  # fmt: skip
ANSWERED_INTENTS = (
    "ask_hip_flexor_link", "ask_what_are_hip_flexors", "ask_stretches", "ask_how_to_stretch", "ask_hold_time",
    "ask_stretch_hurts", "ask_massage", "ask_laser", "ask_cost", "ask_hours", "ask_location", "ask_practitioner",
    "ask_social", "ask_human", "bot_challenge", "ask_privacy", "delete_my_data", "greet", "goodbye", "thank",
    "insult", "chitchat", "out_of_scope", "other_language",
)  # fmt: skip
MOST_CARDS = 14


def problems(knowledge: Knowledge) -> Iterator[str]:
    """What is missing or loose in content that reads well file by file, one sentence each."""
    have = {question.id for question in knowledge.questions.all}
    yield from (f"questions.yml: the question {name} is missing" for name in QUESTIONS if name not in have)
    yield from (f"red_flags.yml: the flag {name} is missing" for name in FLAGS if name not in knowledge.red_flags)
    yield from (f"answers.yml: nothing answers {name}" for name in ANSWERED_INTENTS if name not in knowledge.answers)
    if len(knowledge.questions.plans) > MOST_CARDS:
        yield f"questions.yml: the check has {len(knowledge.questions.plans)} cards, and {MOST_CARDS} is the most"
    planned = {name for plan in knowledge.questions.plans for name in plan.questions}
    for question in knowledge.questions.all:
        if question.stage in ("picture", "content") and question.id not in planned:
            yield f"questions.yml: the question {question.id} stands on no card, so it is never asked"
    yield from _facts_nobody_gives(knowledge)
    yield from _phrases_of_two_minds(knowledge)


def _facts_nobody_gives(knowledge: Knowledge) -> Iterator[str]:
    """Facts that a rule looks at and no question, flag or other fact ever sets."""
    given = set(knowledge.implied) | {"safety_item_unanswered"}
    for question in knowledge.questions.all:
        given |= {*question.fills, *question.if_unsure, *(question.none or {})}
        given |= {name for option in question.options for name in (*option.facts, *option.adds)}
    for flag in knowledge.red_flags.values():
        given |= {name for pattern in flag.patterns for name in pattern.facts}
    needed = {name: rule.row for rule in knowledge.rules.all for name in rule.when.facts}
    for name, row in sorted(needed.items()):
        if name not in given:
            yield f"rules.yml: row {row} looks at {name}, which no question and no flag ever sets"


def _phrases_of_two_minds(knowledge: Knowledge) -> Iterator[str]:
    """Phrases that two patterns of one flag read differently."""
    for flag in knowledge.red_flags.values():
        seen: dict[str, str] = {}
        for pattern in flag.patterns:
            for phrase in pattern.phrases:
                other = seen.setdefault(phrase.lower(), pattern.id)
                if other != pattern.id:
                    yield f"red_flags.yml: {phrase!r} stands in {other} and in {pattern.id} of {flag.id}"


def check(folder: Path = CONTENT_FOLDER) -> list[str]:
    """Every problem found in the folder; empty when the content is sound."""
    try:
        found = list(problems(load_knowledge(folder)))
        claims = read_claims(ContentFile(folder / "claims.yml"))
        for path in sorted(folder.glob("*.yml")):
            if path.stem not in CONTENT_FILES:  # the others were searched when they were loaded
                refuse_claims(ContentFile(path), claims)
    except ContentError as error:
        return [str(error)]
    return found


@click.group()
def content() -> None:
    """Check the reviewed content."""


@content.command("check")
@click.argument("folder", type=click.Path(path_type=Path), default=CONTENT_FOLDER)
@click.pass_context
def check_command(context: click.Context, folder: Path) -> None:
    """Print each problem with its file and line, and fail when there is one."""
    found = check(folder)
    for sentence in found:
        click.echo(sentence, err=True)
    if found:
        context.exit(1)
    knowledge = load_knowledge(folder)
    click.echo(
        f"Content {knowledge.version} is sound: {len(knowledge.rules.all)} rows, "
        f"{len(knowledge.questions.all)} questions, {len(knowledge.red_flags)} flags, "
        f"{len(knowledge.stretches.all)} stretches, {len(knowledge.sources)} sources."
    )


if __name__ == "__main__":
    check_command()
