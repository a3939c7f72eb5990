"""Reading all content into one frozen object, refusing it when anything in it is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from bot.knowledge.claims import patient_texts, read_claims, refuse_claims
from bot.knowledge.expressions import Condition, ConditionReader, ExpressionError
from bot.knowledge.facts import FactSchema, read_facts
from bot.knowledge.questions import Questions, read_questions
from bot.knowledge.red_flags import RedFlag, read_red_flags
from bot.knowledge.rules import Rules, read_rules
from bot.knowledge.source import ContentFile
from bot.knowledge.stretches import Catalogue, read_stretches
from bot.knowledge.texts import (
    Answer,
    Explanation,
    Hazards,
    SafetyTexts,
    Source,
    StoryScore,
    read_answers,
    read_explanation,
    read_hazards,
    read_replies,
    read_safety,
    read_score,
    read_sources,
)

CONTENT_FOLDER = Path(__file__).parent
PATIENT_FILES = (
    "questions", "rules", "red_flags", "stretches", "explanation", "hip_flexor", "answers", "safety_cards", "hazards",
)  # fmt: skip
SIGNED_FILE = "signed.yml"
CONTENT_FILES = (*PATIENT_FILES, "replies", "facts", "sources", "claims", "version")
PLACEHOLDERS = frozenset({
    "address", "assistant", "cancel_notice_hours", "clinic", "clinic_phone", "crisis", "crisis_name", "crisis_number",
    "directions", "email", "emergency", "facebook", "hours", "maternity", "medical_line", "phone", "practitioner",
    "practitioner_about", "prices", "privacy_contact", "privacy_url", "retention_days", "seen_by", "staff_reply",
    "value", "web_chat", "website",
})  # fmt: skip
"""What may stand in braces: Clinic.words() fills all but `web_chat` (the address) and `value` (an answer read back)."""


@dataclass(frozen=True)
class Knowledge:
    """All reviewed content.

    `version` is the content's version with a digest of the files, as stored with every assessment. `questions`,
    `rules`, `stretches` and `score` decide; `answers` (by intent), `explanation`, `safety` (cards), `hazards` and
    `replies` (by name; whoever says one fills its braces) are words; `red_flags` by flag id; `schema` knows the facts,
    `implied` when a flag follows from other facts, `also_counts` what adds one to a count, and `only_when` without
    what a flag does not count yet.
    """

    version: str
    schema: FactSchema
    sources: Mapping[str, Source]
    rules: Rules
    questions: Questions
    red_flags: Mapping[str, RedFlag]
    stretches: Catalogue
    explanation: Explanation
    score: StoryScore
    answers: Mapping[str, Answer]
    safety: SafetyTexts
    hazards: Hazards
    replies: Mapping[str, str]
    implied: Mapping[str, Condition]
    also_counts: Mapping[str, tuple[Condition, ...]]
    only_when: Mapping[str, Condition]


def load_knowledge(folder: Path = CONTENT_FOLDER) -> Knowledge:
    """Read every content file in the folder; raises ContentError with file, line and a sentence."""
    files = {name: ContentFile(folder / f"{name}.yml") for name in CONTENT_FILES}
    schema = read_facts(files["facts"])
    implied, also_counts, only_when = _implications(files["facts"], schema)
    sources = read_sources(files["sources"])
    safety = read_safety(files["safety_cards"], sources)
    rules = read_rules(files["rules"], schema, sources)
    for index, rule in enumerate(rules.all):
        if rule.card is not None and rule.card not in safety.cards:
            raise files["rules"].error(("rules", index, "card"), f"there is no card called {rule.card}")
    knowledge = Knowledge(
        version=content_version(folder, files["version"]),
        schema=schema,
        sources=sources,
        rules=rules,
        questions=read_questions(files["questions"], schema),
        red_flags=read_red_flags(files["red_flags"], schema, rules, safety, sources),
        stretches=read_stretches(files["stretches"], rules.names, sources),
        explanation=read_explanation(files["explanation"], sources),
        score=read_score(files["hip_flexor"], rules.names, sources),
        answers=read_answers(files["answers"], sources),
        safety=safety,
        hazards=read_hazards(files["hazards"], rules.names, sources),
        replies=read_replies(files["replies"]),
        implied=implied,
        also_counts=also_counts,
        only_when=only_when,
    )
    claims = read_claims(files["claims"])
    refuse_claims(files["replies"], claims)
    for name in PATIENT_FILES:
        refuse_claims(files[name], claims)
        _refuse_unknown_placeholders(files[name])
    return knowledge


def content_version(folder: Path, file: ContentFile) -> str:
    """The version of version.yml and eight letters that change with any content, such as 2026.11.23+1a2b3c4d."""
    root = file.root()
    version = root.text("version")
    root.text("status")
    root.finish()
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yml")):
        if path.name != SIGNED_FILE:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{version}+{digest.hexdigest()[:8]}"


def _implications(
    file: ContentFile, schema: FactSchema
) -> tuple[dict[str, Condition], dict[str, tuple[Condition, ...]], dict[str, Condition]]:
    """When a flag follows from other facts, what adds to a count, and without what a flag does not count yet."""
    reader = ConditionReader(schema)
    implied: dict[str, Condition] = {}
    also_counts: dict[str, tuple[Condition, ...]] = {}
    only_when: dict[str, Condition] = {}
    for name, fact in schema.facts.items():
        try:
            if fact.implied_by is not None:
                implied[name] = reader.read(fact.implied_by)
            if fact.also_counts:
                also_counts[name] = tuple(reader.read(text) for text in fact.also_counts)
            if fact.only_when is not None:
                only_when[name] = reader.read(fact.only_when)
        except ExpressionError as error:
            raise file.error(("facts", name), str(error)) from error
    return implied, also_counts, only_when


def _refuse_unknown_placeholders(file: ContentFile) -> None:
    for where, text in patient_texts(file.data, ()):
        if "{" not in text and "}" not in text:
            continue
        try:
            unknown = [name for name in _placeholders(text) if name not in PLACEHOLDERS]
        except ValueError as error:
            raise file.error(where, f"the braces in this text do not match: {error}") from error
        if unknown:
            raise file.error(where, f"nothing fills {{{unknown[0]}}}: write one of {', '.join(sorted(PLACEHOLDERS))}")


def _placeholders(text: str) -> Iterator[str]:
    return (name for _, name, _, _ in Formatter().parse(text) if name is not None)
