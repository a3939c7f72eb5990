"""One text that answers several questions: which part of it belongs to which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.language.answers.lexicon import lexicon, pattern, phrases
from bot.language.answers.parting import at_answers
from bot.language.answers.polarity import polarity
from bot.language.answers.registry import clinic_now, read_wording
from bot.language.answers.signs import read_signs, signs_of
from bot.language.answers.wording import Wording, worded
from bot.language.types import Answer

# Warning signs are looked for in the whole text, whatever part they stand in.
WHOLE_TEXT = frozenset(
    {
        "saddle_bladder_bowel",
        "sexual_function",
        "leg_symptoms",
        "weakness_walking",
        "trauma",
        "bone_health_steroids",
        "cancer_weight_loss",
        "fever_infection",
        "belly_chest_flank_urine",
        "meds_blood_thinners",
        "recent_procedures_surgery",
        "pregnancy",
        "mood_safety",
    }
)
# "I" goes on with the clause after these words; after any other it begins a new one.
_BEFORE_I = (
    *("that", "think", "when", "if", "and", "as", "so", "but", "like", "because", "since", "what", "how", "where"),
    *("reckon", "before", "after", "while", "once", "do", "can", "have", "believe", "say", "until", "till", "than"),
    *("whenever", "feel"),
)
_NEW_I = "".join(rf"(?<!\b{word})" for word in _BEFORE_I) + r"(?<=[a-z]) (?=I(?:['’](?:m|ve))? )"
_BREAKS = re.compile(
    r"[.!?;\n]+\s*|,\s+|\s+-+\s+|\s+(?=but\b)|(?<=[a-z0-9)]) (?=[A-Z][a-z][a-z']*(?:\s|,|$))|"
    + _NEW_I
    + r"|\s+(?=👍|👎|❌)"
)
_COMMA = re.compile(r",\s+")
_SEPARATORS = (re.compile(r"\n+"), re.compile(r"(?<=[.!?])\s+(?=\S)|;\s+"), _COMMA)
_NUMBER = re.compile(r"(?<=\d)\.(?=\d)")


@dataclass(frozen=True)
class _Piece:
    """A part of the text: where it stands, the questions whose words it has, its yes or no, the one it begins with."""

    place: int
    text: str
    topics: frozenset[str]
    said: str | None
    leads: str = ""


def read_answers(questions: Sequence[str], text: str, *, now: datetime | None = None) -> dict[str, Answer]:
    """What one text says to each of several questions; those that it leaves open are not in the result.

    A part goes to the question whose words it uses, else by order; one yes or no for all serves all that have nothing
    of their own. A "no" to one question never cancels a sign that another part affirms.
    """
    now = clinic_now(now)
    wording = worded(text)
    if len(questions) == 1:
        answer = read_wording(questions[0], wording, now)
        return {questions[0]: answer} if answer is not None else {}
    in_order = _one_part_each(questions, text, wording, now)
    if in_order:
        return in_order
    pieces = _pieces(text, questions)
    # Cut where one answer ends and the next begins, so that a "no" does not reach into the next.
    parted = worded(" . ".join(piece.text for piece in pieces))
    answers: dict[str, Answer] = {}
    for question in questions:
        own = " . ".join(piece.text for piece in _own(pieces, question))
        answer = _of_whole(question, parted, now) or (_read(question, own, now) if own else None)
        if answer is None or (not answer.facts and answer.status == "given"):
            answer = _by_order(question, questions, pieces, now)
        if answer is not None:
            answers[question] = answer
    return answers


def _one_part_each(questions: Sequence[str], text: str, wording: Wording, now: datetime) -> dict[str, Answer] | None:
    """The answers where lines, sentences or commas part the text into just one answer for each question, in order."""
    for separator in _SEPARATORS:
        parts = [part for part in separator.split(text[:4000]) if part.strip()]
        if len(parts) != len(questions) or (separator is _COMMA and _any_parted(parts, questions)):
            continue
        answers: dict[str, Answer] = {}
        for question, part in zip(questions, parts, strict=True):
            plain = worded(part)
            others = [other for other in questions if other != question and _has_topic(other, plain)]
            answer = read_wording(question, plain, now)
            if answer is None or (others and (separator is _COMMA or not _has_topic(question, plain))):
                break
            if any(_mentions(other, plain) for other in others):
                break  # what another question asks for is spoken of in this part
            # A temperature is a number, and tells its question wherever it stands.
            settled = question != "fever_infection" and _mentions(question, plain)
            elsewhere = None if settled else _of_whole(question, wording, now)
            answers[question] = elsewhere or answer
        else:
            return answers
    return None


def _any_parted(parts: Sequence[str], questions: Sequence[str]) -> bool:
    """Whether a comma stands inside an answer rather than between two."""
    return any(len(at_answers(part, questions)) > 1 for part in parts)


def _mentions(question: str, wording: Wording) -> bool:
    return question in WHOLE_TEXT and bool(read_signs(question, wording).mentions)


def _of_whole(question: str, wording: Wording, now: datetime) -> Answer | None:
    """Signs that are said to be there, from the whole text; None if there are none."""
    if question not in WHOLE_TEXT:
        return None
    if question == "sexual_function":
        wording = _without_saddle(wording)
    if question != "fever_infection" and not read_signs(question, wording).names():
        return None
    answer = read_wording(question, wording, now)
    if answer is None or not answer.facts or answer.clarify == "which":
        return None
    none = lexicon()["outcomes"][question]["none"]
    return answer if any(none.get(name, False) != value for name, value in answer.facts.items()) else None


def _without_saddle(wording: Wording) -> Wording:
    """Without numbness of the saddle area, which in the question about sex alone would be an answer to it."""
    asked = ("saddle_bladder_bowel", "sexual_function")
    parts = [Wording(clause, (clause,)) for clause in wording.clauses]
    kept = tuple(part.original for part in parts if _topics(asked, part) != {"saddle_bladder_bowel"})
    return Wording(wording.original, kept)


def _read(question: str, text: str, now: datetime) -> Answer | None:
    return read_wording(question, worded(text), now)


def _pieces(text: str, questions: Sequence[str]) -> list[_Piece]:
    pieces: list[_Piece] = []
    guarded = _NUMBER.sub("\u2024", text[:4000])
    for part in _BREAKS.split(guarded):
        for bit in at_answers(part.replace("\u2024", "."), questions):
            plain = worded(bit)
            if not plain.words and not plain.plain:
                continue
            topics = _topics(questions, plain)
            said = polarity(plain)
            leads = plain.words[0] if plain.words and plain.words[0] in ("yes", "no") else ""
            if not topics and said is None and pieces:
                # Goes on with what came before it.
                last = pieces[-1]
                pieces[-1] = _Piece(last.place, f"{last.text} , {bit}", last.topics, last.said)
                continue
            pieces.append(_Piece(len(pieces), bit, topics, None if topics else said, leads))
    return pieces


def _topics(questions: Sequence[str], plain: Wording) -> frozenset[str]:
    """The questions whose words a part has; numbness of the saddle area is no word about sex by itself."""
    topics = {question for question in questions if _has_topic(question, plain)}
    if "saddle_bladder_bowel" in topics and not phrases("topics", "sexual_function").search(plain.counted):
        topics.discard("sexual_function")
    return frozenset(topics)


def _has_topic(question: str, plain: Wording) -> bool:
    if question in lexicon()["topics"] and phrases("topics", question).search(plain.counted):
        return True
    group = lexicon().get(question)
    if not isinstance(group, dict) or "signs" not in group or question in ("relief", "location"):
        return question in ("relief", "location") and any(
            sign.pattern.search(plain.plain) for sign in signs_of(question)
        )
    listed = [sign.pattern for sign in signs_of(question)]
    if group.get("not_signs"):
        listed.append(pattern(group["not_signs"]))
    return any(found.search(clause) for found in listed for clause in plain.clauses)


def _own(pieces: Sequence[_Piece], question: str) -> list[_Piece]:
    """The pieces on this question's topic, with a lone yes or no right before or after that leans on them."""
    return [piece for piece in pieces if question in piece.topics]


def _by_order(question: str, questions: Sequence[str], pieces: Sequence[_Piece], now: datetime) -> Answer | None:
    """The answer from the pieces without a topic, by the order of the questions."""
    place = questions.index(question)
    first, last = -1, len(pieces)
    for earlier in questions[:place]:
        first = max([first, *(piece.place for piece in _own(pieces, earlier))])
    for later in questions[place + 1 :]:
        last = min([last, *(piece.place for piece in _own(pieces, later))])
    open_ones = [other for other in questions if not _own(pieces, other)]
    bare = [piece for piece in pieces if piece.said and first < piece.place < last]
    if not bare:
        bare = [piece for piece in pieces if piece.said]
    if not bare:
        leading = [
            piece
            for piece in pieces
            if piece.place <= last and piece.leads and not set(questions[:place]) & piece.topics
        ]
        return _read(question, leading[0].leads, now) if leading and place == 0 else None
    share = _share(bare, open_ones.index(question) if question in open_ones else 0, max(len(open_ones), 1))
    return _read(question, " , ".join(piece.text for piece in share), now)


def _share(bare: list[_Piece], turn: int, many: int) -> list[_Piece]:
    """The pieces that fall to one of several questions: all when they agree, else one run of equal answers each."""
    if many == 1 or len({piece.said for piece in bare}) == 1:
        return bare
    if len(bare) == many:
        return [bare[turn]]
    runs: list[list[_Piece]] = []
    for piece in bare:
        if runs and runs[-1][-1].said == piece.said:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return runs[min(turn, len(runs) - 1)]
