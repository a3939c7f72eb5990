"""Danger signs in a patient's words: what is told, of whom, when, and whether it is meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from bot.language.context import Context, Reading
from bot.language.grammar import Evidence, PatternIndex
from bot.language.indirect import SURE_SCORE, Hint, IndirectSigns, least_score, load_indirect_signs
from bot.language.lexicon import Occurrence, PhraseTree, phrase_tree
from bot.language.normalise import Normalised, Word, normalise
from bot.language.sign_content import Sign, read_concepts, read_signs
from bot.language.spelling import Spelling
from bot.language.times import since_when
from bot.language.types import Assertion, Flag

LEXICON = Path(__file__).resolve().parents[1] / "knowledge" / "lexicon"
_WITHIN = 6
_TOUCHING = 1
_MISSED = frozenset({"feeling", "sensation", "control", "strength", "power", "idea", "warning", "urge", "point", "way"})
_SENTENCE_ENDS = frozenset(".!?;")
_AFTERTHOUGHTS = frozenset({"now", "nothing", "numb", "dead", "gone"})
_LONGEST_AFTERTHOUGHT = 2
_LONGEST_WHOLE = 40
_MOST_COMPARED = 60  # sentences; the longest message that the desk takes has about as many
_STALE_FACTS = frozenset({"saddle_change", "bladder_change", "bowel_change"})
# "She's quiet since last night" is nobody else's sign.
_OF_THE_BABY = frozenset({"pregnancy_warning"})
_RECENT_TRAUMA_WEEKS, _OLD_TRAUMA_WEEKS, _RECENT_PROCEDURE_WEEKS = 2.0, 6.5, 6.5


@dataclass(frozen=True)
class Lexicon:
    """Everything that is looked for: concepts, patterns, and their spelling."""

    tree: PhraseTree
    composed: PatternIndex
    signs: tuple[Sign, ...]
    spelling: Spelling


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon, read once from bot/knowledge/lexicon."""
    concepts: dict[str, list[str]] = {}
    for path in sorted(LEXICON.glob("*.yml")):
        for name, phrases in read_concepts(path).items():
            concepts.setdefault(name, []).extend(phrases)
    tree = phrase_tree(concepts)
    signs = tuple(read_signs(LEXICON / "patterns.yml", concepts))
    patterns = [(pattern, number) for number, sign in enumerate(signs) for pattern in sign.patterns]
    words = tree.vocabulary()
    words.update(name for pattern, _ in patterns for part in pattern.parts for name in part.names if name.islower())
    spelling = Spelling(words)
    return Lexicon(tree, PatternIndex(patterns), signs, spelling)


@lru_cache(maxsize=1)
def indirect_signs() -> IndirectSigns:
    """What the reviewed examples taught, read once."""
    return load_indirect_signs(lexicon().tree)


def words_of(said: str) -> list[str]:
    """The words of a text as they are looked at: plain, and put right where they were misspelt."""
    text = normalise(said)
    return _words(_without_joining_hyphens(text)) if text.words else []


def _words(text: Normalised) -> list[str]:
    spelling = lexicon().spelling
    return [spelling.correct(word.norm) for word in text.words]


def read_flags(text: Normalised) -> list[Flag]:
    """The danger signs of a text, in the order in which they stand. Takes time in step with the text's length."""
    book = lexicon()
    if not text.words:
        return []
    text = _without_joining_hyphens(text)
    words = _words(text)
    if not words:
        return []
    ends = _sentence_ends(words)
    found = book.tree.find(words)
    _add_numbers(found, words)
    evidence = Evidence(words, ends, found)
    context = Context(evidence, ends, _newlines(text))
    matches = {(meaning, span) for meaning, span in book.composed.find(evidence, evidence.names())}
    readings = [
        (span, _flag(book.signs[meaning], span, evidence, context, text))
        for meaning, span in sorted(matches, key=lambda match: (match[0], match[1].first, match[1].last))
    ]
    flags = [flag for _, flag in readings if flag is not None]
    denied = [span for span, flag in readings if flag is None or flag.assertion != "present"]
    hinted = _hinted(flags, denied, evidence, context, text)
    return sorted(_without_repeats([*flags, *hinted]), key=lambda flag: flag.span)


def _sentence_ends(words: Sequence[str]) -> list[bool]:
    """Which marks end a sentence. An afterthought ("Now nothing.", "Dead.") belongs to what stands before it."""
    ends = [word in _SENTENCE_ENDS for word in words]
    for mark, following in pairwise([*(index for index, is_end in enumerate(ends) if is_end), len(words)]):
        is_short = 0 < following - mark - 1 <= _LONGEST_AFTERTHOUGHT
        if is_short and words[mark] == "." and words[mark + 1] in _AFTERTHOUGHTS:
            ends[mark] = False
    return ends


def find_flags(text: str) -> list[Flag]:
    """The danger signs of a message; see `Flag`. Any text is accepted, and an empty list means that none was seen."""
    return list(_found_on(text, datetime.now(timezone.utc).date()))


@lru_cache(maxsize=64)
def _found_on(text: str, _day: date) -> tuple[Flag, ...]:
    """The same message is looked at by several readers of one turn; what it says of dates holds for a day."""
    return tuple(read_flags(normalise(text)))


def _flag(sign: Sign, span: Occurrence, evidence: Evidence, context: Context, text: Normalised) -> Flag | None:
    if sign.needs and not any(evidence.has(name) for name in sign.needs):
        return None
    first, last = context.sentence(span.first)
    last = max(last, span.last)
    if sign.near and not any(context.near(name, first, last) for name in sign.near):
        return None
    low, high = max(first, span.first - _WITHIN), min(last, span.last + _WITHIN)
    if any(context.near(name, low, high) for name in sign.unless) or _is_idiom(sign, span, evidence):
        return None
    reading = (
        Reading(sign.said_as)
        if sign.said_as
        else context.read(span, history=sign.history, keep_subject=sign.keep_subject, questions_tell=sign.rhetorical)
    )
    facts, assertion = _judge(sign, reading, span, evidence, first, last)
    if assertion is None:
        return None
    start, end = text.span(span.first, span.last)
    return Flag(sign.flag, assertion, facts, (start, end), text.text[start:end])


def _likeness(context: Context, evidence: Evidence) -> Iterator[tuple[int, int, int, float, Hint]]:
    """What the examples say of each sentence that asks nothing, and of a short message as a whole.

    First and last word, how many words they are, how near to the signs, and to which.
    """
    sentences = list(islice(context.sentences(), _MOST_COMPARED))
    parts = [part for part in sentences if not context.is_question(*part)]
    is_own = parts == sentences and not any(context.is_of_another(*part) for part in sentences)
    if is_own and len(sentences) > 1 and len(evidence.words) <= _LONGEST_WHOLE:
        # Some signs are told over several sentences: "Legs, plural. Burning. Both."
        parts.append((0, len(evidence.words) - 1))
    said = [[word for word in evidence.words[first : last + 1] if word[:1].isalnum()] for first, last in parts]
    for part, words, hint in zip(parts, said, indirect_signs().read(said), strict=True):
        if hint is not None:
            yield *part, len(words), *hint


def _hinted(
    flags: Sequence[Flag],
    denied: Sequence[Occurrence],
    evidence: Evidence,
    context: Context,
    text: Normalised,
) -> Iterator[Flag]:
    """What sentences hint at beyond what patterns saw: asked about, unless it is as good as told."""
    judged = {context.sentence_number(span.first) for span in denied}
    for first, last, length, score, sign in _likeness(context, evidence):
        number = context.sentence_number(first)
        is_single = number == context.sentence_number(last)
        is_plain = is_single and number not in judged and _is_plain(context, evidence, first, last)
        if score < least_score(length, is_plain=is_plain):
            continue
        if sign.flag not in _OF_THE_BABY and context.is_of_another(first, last):
            continue
        start, end = text.span(first, last)
        if any(flag.id == sign.flag and flag.span[0] < end and flag.span[1] > start for flag in flags):
            continue
        assertion: Assertion = "present" if score >= SURE_SCORE else "possible"
        yield Flag(sign.flag, assertion, dict(sign.facts), (start, end), text.text[start:end])


def _is_plain(context: Context, evidence: Evidence, first: int, last: int) -> bool:
    return context.is_now(first, last) and not _is_denial(evidence.words, first)


def _is_denial(words: Sequence[str], first: int) -> bool:
    """ "No weakness, can walk on my toes"; but "no feeling in it" tells something."""
    opens = words[first] in {"no", "nope", "nah", "none"}
    return opens and not set(words[first + 1 : first + 3]) & _MISSED


def _is_idiom(sign: Sign, span: Occurrence, evidence: Evidence) -> bool:
    for name in sign.idiom:
        for found in evidence.starting(name, span.first - _WITHIN, span.last + _TOUCHING):
            if found.last >= span.first - _TOUCHING:
                return True
    return False


def _judge(
    sign: Sign, reading: Reading, span: Occurrence, evidence: Evidence, first: int, last: int
) -> tuple[Mapping[str, Any], Assertion | None]:
    facts = dict(sign.facts)
    assertion = reading.assertion
    if assertion == "absent":
        return {name: _none_of(value) for name, value in facts.items()}, assertion
    if assertion == "other_person":
        return {**facts, "subject": "other"}, assertion
    if reading.supposed:
        return {}, assertion
    if assertion == "possible" and sign.flag == "crisis":
        # "Sometimes I think I might ..." is the thought itself.
        assertion = "present"
    if assertion == "past":
        return (facts if sign.said_as else {}), assertion
    if sign.trauma and assertion == "present":
        return _dated_trauma(facts, reading, span, evidence)
    if sign.recent:
        weeks = since_when(evidence.words, first, last)
        if weeks is not None and weeks > _RECENT_PROCEDURE_WEEKS:
            return {}, "past"
        if facts["recent_spinal_procedure"] == "stable" and weeks is None and not evidence.has("RECENTPROC"):
            return facts, "possible"
    if reading.old and _STALE_FACTS & set(facts):
        value = "long_stable_unassessed" if reading.nobody_looked else "known_longstanding"
        return dict.fromkeys(facts, value), "present" if reading.nobody_looked else "past"
    if (
        reading.old
        and not sign.history
        and sign.flag in {"neuro_deficit", "infection", "vascular", "visceral", "cauda_equina"}
    ):
        return {}, "past"
    if sign.only_possible and assertion == "present":
        assertion = "possible"
    return facts, assertion


def _dated_trauma(
    facts: dict[str, Any], reading: Reading, span: Occurrence, evidence: Evidence
) -> tuple[Mapping[str, Any], Assertion]:
    weeks = since_when(evidence.words, max(0, span.first - 14), min(len(evidence.words) - 1, span.last + 14))
    if weeks is None and facts["trauma"] != "minor" and _is_still_felt(span, evidence):
        return facts, "possible"
    if weeks is None or weeks <= _RECENT_TRAUMA_WEEKS:
        return facts, "present"
    if weeks > _OLD_TRAUMA_WEEKS or (evidence.has("CHECKEDOUT") and not reading.nobody_looked):
        return {}, "past"
    if facts["trauma"] == "major_lt14d":
        return {"trauma": "major_2_6wk_unassessed"}, "present"
    return facts, "present"


def _is_still_felt(span: Occurrence, evidence: Evidence) -> bool:
    """ "A car accident and still sore": some time ago, so the patient is asked when."""
    low, high = span.first - 2 * _WITHIN, span.last + 2 * _WITHIN
    is_dated = next(evidence.starting("CHANGED", max(low, 0), high), None) is not None
    return not is_dated and "still" in evidence.words[span.last + 1 : span.last + _WITHIN]


def _none_of(value: Any) -> Any:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return 0
    return [] if isinstance(value, list) else ("no" if value in {"yes", "unsure", "postpartum_lt12wk"} else "none")


def _without_repeats(flags: Sequence[Flag]) -> Iterator[Flag]:
    """Leave out a flag whose facts an earlier one at the same place, or with the same assertion, already gives."""
    given: dict[tuple[str, Assertion], dict[str, Any]] = {}
    for flag in flags:
        known = given.setdefault((flag.id, flag.assertion), {})
        fresh = {name: value for name, value in flag.facts.items() if name not in known}
        if known and not fresh:
            continue
        if not flag.facts and (flag.id, flag.assertion) in {(k[0], k[1]) for k, v in given.items() if v.get("")}:
            continue
        known.update(fresh)
        known[""] = True
        yield Flag(flag.id, flag.assertion, {**fresh}, flag.span, flag.text)


def _without_joining_hyphens(text: Normalised) -> Normalised:
    """ "rear-ended" reads like "rear ended"; a dash between spaces stays."""
    words = text.words
    kept = tuple(
        word
        for before, word, after in zip((None, *words[:-1]), words, (*words[1:], None), strict=True)
        if word.norm not in {"-", "‑", "'"}
        or not (before and after and before.end == word.start and word.end == after.start)
    )
    return Normalised(text.text, kept)


def _newlines(text: Normalised) -> list[bool]:
    words: tuple[Word, ...] = text.words
    return [False] + ["\n" in text.text[before.end : word.start] for before, word in pairwise(words)]


def _add_numbers(found: dict[str, list[Occurrence]], words: Sequence[str]) -> None:
    this_year = datetime.now(timezone.utc).year
    for index, word in enumerate(words):
        if not word[:1].isdigit():
            continue
        here = Occurrence(index, index)
        found.setdefault("NUM", []).append(here)
        following = words[index + 1] if index + 1 < len(words) else ""
        number = _number(word)
        if number is None:
            continue
        if following in {"weeks", "week", "wk", "wks", "w"}:
            found.setdefault("NUMWEEKS", []).append(Occurrence(index, index + 1))
        if len(word) == 4 and 1930 <= number < this_year:
            found.setdefault("YEARPAST", []).append(here)
        hot = 37.8 <= number <= 42.5 or 100.4 <= number <= 107
        if hot:
            found.setdefault("HOTNUM", []).append(here)
        if hot and (
            "." in word or "," in word or following in {"degrees", "c", "f", "fever", "temperature", "celsius"}
        ):
            found.setdefault("FEVERNUM", []).append(here)
    if "NUM" in found:
        found["NUM"].sort(key=lambda occurrence: occurrence.first)


def _number(word: str) -> float | None:
    try:
        return float(word.replace(",", "."))
    except ValueError:
        return None
