"""Who, when and whether: what the words around a danger sign make of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from bot.language.grammar import Evidence
from bot.language.lexicon import Occurrence
from bot.language.types import Assertion

# How many words a denial reaches: through a list, or only to the next thing said.
_WIDE_REACH = 18
_NARROW_REACH = 6
# How far from the sign a hedge, a time and a supposition may stand.
_HEDGE_REACH = 5
_SUPPOSES_REACH = 14
_RESOLVED_REACH = 14
_AFTER_REACH = 3
_SAME_REACH = 5

_COMMA = frozenset({",", "-", "–", "—", "/", "(", ")", ":", "...", "&"})
_LINKS = frozenset({"and", "or", ",", "plus"})
_NEW_SUBJECT = frozenset({"i", "im", "ive", "id", "its", "it", "theres", "there"})
_PAIN = frozenset({"pain", "pains", "back", "backache", "sciatica", "spine", "disc", "arthritis", "aches"})
_OWN = frozenset({"my", "the", "both", "one", "this", "that"})
_QUESTION_OPENERS = frozenset(
    {
        "is",
        "are",
        "can",
        "could",
        "does",
        "do",
        "what",
        "whats",
        "how",
        "which",
        "why",
        "would",
        "will",
        "when",
        "should",
    }
)
_FIRST_PERSON = frozenset({"i", "im", "ive", "my", "me", "id"})
_AFTER_NO = _FIRST_PERSON | {"and", "but", "never", "nope", "not", "none", "thanks", "thank", "thankfully"}
_WHITHER = frozenset({"through", "to", "into", "down", "up", "across", "round", "numb", "dead", "grey", "weak", "cold"})
# "Is this ..." is about what the patient has.
_POINTING = frozenset({"this", "that", "these", "those", "it"})
_LEAD_IN = 3
# Without it, a text of 50,000 characters and no full stop would take time by its square.
_SENTENCE_REACH = 100
# "no appetite and numb feet": the adjective starts anew.
_ADJECTIVES = frozenset({"numb", "weak", "tingly", "cant", "dead", "feverish", "suicidal"})
_BEFORE_IF = frozenset({"what", "but", "and", ",", "so", "that", "worry", "happens", "happen"})
_ALL_OF_THEM = frozenset({"these", "those", "them", "that"})
_UNCHANGED = frozenset({"no", "not", "nothing", "isnt", "hasnt", "never", "any", "without"})  # "not getting worse"
_KINDS = frozenset({"sort", "kind", "sorta", "kinda"})
_HAVE_BECOME = frozenset({"gone", "went", "going", "turned", "become", "became", "got"})
_WELL_AGAIN = frozenset({"fine", "normal", "ok", "okay", "good", "alright", "gone", "well"})  # "normal since"
_WELL, _ARE = frozenset({"fine", "normal", "ok", "okay", "alright"}), frozenset({"is", "are", "feels", "feel", "works"})
_PLAIN_NO = frozenset({"no", "without"})
_HAPPENS = frozenset({"gives", "leaks", "drops", "drags", "burns", "tingles", "throbs"})
_BETWEEN_DENIALS = frozenset(
    {"i", "ive", "im", "id", "have", "had", "got", "its", "it", "is", "there", "theres", "that", "been", "with"}
)
_UNSEEN = frozenset({"never", "not", "havent", "didnt", "hasnt", "wasnt", "isnt", "dont"})
_INSIDE_DENIALS = frozenset({"isnt", "arent", "not", "wasnt", "werent", "aint", "no", "without", "never"})
# Concepts that name what is felt or seen.
_FEELINGS = ("NUMB", "WEAK", "ODD", "CANTFEEL", "SENSE_IN_LEG", "DROP", "SWOLLEN", "LEAK", "BLEEDING", "CANT")
_TRANSPARENT = frozenset({"that", "than", "what", "as", "like", "think", "know", "if", "where", "when", "because"})


@dataclass(frozen=True)
class Reading:
    """What the context makes of one sign. `supposed`: only asked about or imagined, not told."""

    assertion: Assertion
    supposed: bool = False
    old: bool = False
    nobody_looked: bool = False


class Context:
    """Answers who, when and whether for any span of one text; each answer costs a few look-ups."""

    def __init__(self, evidence: Evidence, sentence_ends: list[bool], newlines: list[bool]) -> None:
        self._evidence = evidence
        self._words = evidence.words
        self._sentence = list(accumulate(sentence_ends, initial=0))
        self._newline = newlines
        self._no_denial = {
            index
            for occurrence in evidence.occurrences("NO_DENIAL")
            if not self.near("SELF_HARM", occurrence.last, occurrence.last + 2)
            for index in range(occurrence.first, occurrence.last + 1)
        }
        self._boundaries = [index for index, ends in enumerate(sentence_ends) if ends]

    def sentence(self, index: int) -> tuple[int, int]:
        """First and last word of the sentence that a word stands in; of an endless one, what stands near."""
        place = bisect_left(self._boundaries, index)
        first = self._boundaries[place - 1] + 1 if place else 0
        last = self._boundaries[place] if place < len(self._boundaries) else len(self._words) - 1
        return max(first, index - _SENTENCE_REACH), min(last, index + _SENTENCE_REACH)

    def sentence_number(self, index: int) -> int:
        """Which sentence of the text a word stands in, from 0."""
        return self._sentence[index]

    def sentences(self) -> Iterator[tuple[int, int]]:
        """First and last word of every sentence that holds a word."""
        start = 0
        for end in (*self._boundaries, len(self._words) - 1):
            if end >= start:
                yield start, end
            start = end + 1

    def is_question(self, first: int, last: int) -> bool:
        """Whether a sentence asks."""
        return self._words[last] == "?" or self._words[first] in _QUESTION_OPENERS

    def is_of_another(self, first: int, last: int) -> bool:
        """Whether a sentence is told of somebody else."""
        return self._is_other(Occurrence(last, last), first)

    def is_now(self, first: int, last: int) -> bool:
        """Whether nothing in a sentence speaks of the past, of a joke, of what is imagined, or of being well."""
        aside = ("SUPPOSES", "PAST", "YEARPAST", "RESOLVED", "OLD", "JOKE", "ALLWELL")
        return not any(self.near(name, first, last) for name in aside)

    def near(self, name: str, low: int, high: int) -> bool:
        """Whether a concept or word begins between two words."""
        return next(self._evidence.starting(name, max(low, 0), high), None) is not None

    def read(
        self, span: Occurrence, *, history: bool = False, keep_subject: bool = False, questions_tell: bool = False
    ) -> Reading:
        """Judge one sign.

        `history`: the past belongs to it. `keep_subject`: whose it is, is part of the sign. `questions_tell`: a
        question says it too ("what's the point of living?").
        """
        first, last = self.sentence(span.first)
        last = max(last, span.last)
        nobody_looked = self._anywhere("NOBODY_LOOKED")
        if not keep_subject and self._is_other(span, first):
            return Reading("other_person")
        denials = self._denials(span, first)
        if denials >= 2:
            return Reading("possible")
        if denials or self._nothing_is(span) or self._denied_inside(span) or self._denied_after(span):
            return Reading("absent")
        if not history:
            if self._supposed(span, first, last, questions_tell=questions_tell):
                return Reading("possible", supposed=True)
            changed = self._changed(span, first, last)
            old = self._old(span, first, last) and not changed
            if self._past(span, first, last) and not (old and nobody_looked):
                return Reading("past")
            if old:
                # Months, and no word of a doctor: nobody is known to have looked.
                unseen = self._steady_for_months(first, last) and not self._anywhere("CHECKEDOUT")
                return Reading("present", old=True, nobody_looked=nobody_looked or unseen)
        elif self._supposed(span, first, last, questions_tell=questions_tell):
            return Reading("possible", supposed=True)
        if self._hedged(span, first):
            return Reading("possible")
        return Reading("present", nobody_looked=nobody_looked)

    def _anywhere(self, name: str) -> bool:
        return self._evidence.has(name)

    def _denials(self, span: Occurrence, first: int) -> int:
        denials: dict[int, int] = {}
        for name, reach in (("DENIES_WIDE", _WIDE_REACH), ("DENIES_NARROW", _NARROW_REACH)):
            for trigger in self._evidence.starting(name, max(first, span.first - reach), span.first - 1):
                if {trigger.first, trigger.last} & self._no_denial:
                    continue
                # "No trouble | breathing" and "no | trouble breathing" are both to be found.
                touches = trigger.last >= span.first and self._words[trigger.first] in _PLAIN_NO
                if touches or (trigger.last < span.first and self._reaches(trigger, span, wide=name == "DENIES_WIDE")):
                    denials[trigger.first] = max(trigger.last, denials.get(trigger.first, 0))
        # "I wouldn't say no numbness" is two; "no fever, no chills", "no fever no chills" and "dont have any" are one.
        count, end = 0, -1
        for start, stop in sorted(denials.items()):
            if start <= end:
                continue
            between = self._words[end + 1 : start]
            # Only a few small words stand between two denials that cancel each other.
            count = count + 1 if count and between and set(between) <= _BETWEEN_DENIALS else 1
            end = stop
        return count

    def _reaches(self, trigger: Occurrence, span: Occurrence, *, wide: bool) -> bool:
        words = self._words
        start = trigger.last + 1
        if words[trigger.last] == "of" and span.first == start + 1 and words[start] in _ALL_OF_THEM:
            return False  # "none of those warfarin": the denial is complete, and a statement follows
        if trigger.first == trigger.last and words[trigger.first] == "no" and start < len(words):
            following = words[start]
            if following in _FIRST_PERSON or following in _NEW_SUBJECT or following in _COMMA or following == "but":
                return False
        for index in range(start, span.first):
            word = words[index]
            before = words[index - 1]
            if self._newline[index] and index > start:
                return False
            if word in _COMMA and not wide:
                return False
            if word in _NEW_SUBJECT and before not in _TRANSPARENT and index > start:
                return False
            if word in _OWN and before in _LINKS | _COMMA and index > start:
                return False
        ends = self._evidence.starting("ENDS_REACH", start, span.first - 1)
        if span.first > start and words[span.first - 1] == "and" and words[span.first] in _ADJECTIVES:
            return False
        return all(occurrence.last >= span.first for occurrence in ends)

    def _nothing_is(self, span: Occurrence) -> bool:
        """ "Nothing numb down below", "nothing gives way"; but "I feel nothing, numb all over" has its mark between."""
        words, first = self._words, span.first
        return first > 0 and words[first - 1] == "nothing" and words[first] in _ADJECTIVES | _HAPPENS

    def _denied_inside(self, span: Occurrence) -> bool:
        """Whether the sign itself says "isn't weak", a denial of the feeling that it names, or "is fine"."""
        for index in range(span.first + 1, span.last):
            if self._words[index] in _WELL and self._words[index - 1] in _ARE:
                return True
            if self._words[index] not in _INSIDE_DENIALS or index in self._no_denial:
                continue
            if any(self.near(name, index + 1, index + 2) for name in _FEELINGS) and not any(
                self._covers(name, index) for name in _FEELINGS
            ):
                return True
        return False

    def _covers(self, name: str, index: int) -> bool:
        return any(
            found.first <= index <= found.last for found in self._evidence.starting(name, index - _NARROW_REACH, index)
        )

    def _denied_after(self, span: Occurrence) -> bool:
        words = self._words
        index = span.last + 1
        limit = min(len(words), span.last + 1 + _AFTER_REACH)
        while index < limit and words[index] in {",", "-", "–", ":", "?", "=", "...", "—", "is", ")"}:
            index += 1
        found = next(self._evidence.starting("DENIES_AFTER", index, index), None)
        if found is None or index in self._no_denial:
            return False
        after = found.last + 1
        if found.first == found.last and words[found.first] in {"no", "never", "none", "nope"}:
            # "numbness - no" ends there; "pain no sleep" goes on.
            return after >= len(words) or not words[after][:1].isalnum() or words[after] in _AFTER_NO
        return True

    def _is_other(self, span: Occurrence, first: int) -> bool:
        words = self._words
        inside = set(words[span.first : span.last + 1])
        if inside & {"my", "i", "im", "ive", "myself", "me"} and not self.near("SOMEONE", span.first, span.last):
            return False
        if self._opens_with_someone(span):
            return True
        if inside & {"his", "her", "their", "himself", "herself", "hers"}:
            return True
        for index in range(span.first - 1, first - 1, -1):
            word = words[index]
            if word in {"i", "im", "ive", "id", "ill", "myself"} or (
                word in {"me", "self"} and index == span.first - 1
            ):
                return False
            if next(self._evidence.starting("SOMEONE", index, index), None) is not None:
                says = next(self._evidence.starting("SAYS", index + 1, index + 2), None) is not None
                return not (says and any(words[i] in _FIRST_PERSON for i in range(index + 1, span.last + 1)))
            if word in {"he", "she", "hes", "shes"}:
                return not (
                    word in {"he", "she"}
                    and next(self._evidence.starting("SAYS", index + 1, index + 2), None) is not None
                )
            if word == "my" and not self._possessed_someone(index, span.first):
                return False
            if word == "me":
                return False
        after = next(self._evidence.starting("SOMEONE", span.last + 1, span.last + 3), None)
        if after is not None and words[span.last + 1] in {"in", "of", "for", "to", "on"} and not inside & _FIRST_PERSON:
            return words[after.first] not in {"oh", "ex"}
        return self._carried_on(span, first)

    def _opens_with_someone(self, span: Occurrence) -> bool:
        """ "My neighbour has cancer"; but "my wife says my face droops" is about the patient."""
        rest = self._words[span.first + 1 : span.last + 1]
        return (
            self._words[span.first] == "my"
            and self._possessed_someone(span.first, span.first + 1)
            and not (_FIRST_PERSON | {"baby"}) & set(rest)  # a baby may be carried
        )

    def _possessed_someone(self, index: int, limit: int) -> bool:
        return next(self._evidence.starting("SOMEONE", index + 1, min(index + 3, limit)), None) is not None

    def _carried_on(self, span: Occurrence, first: int) -> bool:
        """Whether the sentence has no subject of its own and the one before was about somebody else."""
        if first == 0:
            return False
        if any(word in _FIRST_PERSON for word in self._words[first : span.last + 1]):
            return False
        before_first, before_last = self.sentence(first - 1)
        words = self._words[before_first : before_last + 1]
        return any(word in {"she", "he", "shes", "hes"} for word in words) and not any(
            word in {"i", "im", "ive", "me"} for word in words
        )

    def _supposed(self, span: Occurrence, first: int, last: int, *, questions_tell: bool) -> bool:
        for trigger in self._evidence.starting("SUPPOSES", max(first, span.first - _SUPPOSES_REACH), span.first - 1):
            if trigger.last >= span.first or not self._opens_clause(trigger, first):
                continue
            between = range(trigger.last + 1, span.first)
            if any(self._words[index] in {"but", "because", "and", "now", "cos", "so", "however"} for index in between):
                continue
            return True
        if questions_tell:
            return False
        if last < len(self._words) and (self._words[last] == "?" or self._words[first] in _QUESTION_OPENERS):
            own = any(word in _FIRST_PERSON - {"me"} for word in self._words[first : last + 1])
            if not own and (self.near("ASKS_IN_GENERAL", first, last) or self._asks_how_serious(span, first, last)):
                return True
        return False

    def _asks_how_serious(self, span: Occurrence, first: int, last: int) -> bool:
        """ "Is numbness there an emergency" asks; "is this numbness an emergency" tells."""
        lead_in = self._words[first : span.first]
        return (
            0 < len(lead_in) <= _LEAD_IN
            and lead_in[0] in _QUESTION_OPENERS
            and not _POINTING & set(lead_in)
            and self.near("HOW_SERIOUS", span.last + 1, last)
        )

    def _describes(self, found: Occurrence) -> bool:
        """ "Gone sort of dull" looks for the word, and does not doubt the thing."""
        words = self._words
        return words[found.first] in _KINDS and bool(found.first) and words[found.first - 1] in _HAVE_BECOME

    def _opens_clause(self, trigger: Occurrence, first: int) -> bool:
        """ "If I …" supposes; "as if my …" and "can't tell if I …" do not."""
        if self._words[trigger.first] != "if" or trigger.first == first:
            return True
        return self._words[trigger.first - 1] in _BEFORE_IF

    def _past(self, span: Occurrence, first: int, last: int) -> bool:
        for found in self._evidence.starting(
            "RESOLVED", max(first, span.first - 6), min(last + 6, span.last + _RESOLVED_REACH)
        ):
            apart = found.first > span.last or found.last < span.first
            unseen = self._words[found.first - 1] in _UNSEEN if found.first else False
            if apart and not unseen and not self._goes_on(found) and not self._reset_between(found, span):
                return True
        for name in ("PAST", "YEARPAST"):
            for found in self._evidence.starting(name, max(first, span.first - 12), min(last, span.last + 12)):
                never = found.first > 0 and self._words[found.first - 1] == "never"
                if not never and not self._reset_between(found, span):
                    return True
        return False

    def _goes_on(self, found: Occurrence) -> bool:
        """ "And went" is over; "and went through to my stomach" is not."""
        after = found.last + 1
        return self._words[found.last] == "went" and after < len(self._words) and self._words[after] in _WHITHER

    def _reset_between(self, found: Occurrence, span: Occurrence) -> bool:
        low, high = (found.last + 1, span.first) if found.first < span.first else (span.last + 1, found.first)
        if found.first < span.first and "now" in self._words[span.first : span.last]:
            return True  # "used to wake for a wee, now I wake up wet"
        return any(
            self._words[index] in {"now", "since", "suddenly", "today", "again"}
            and self._words[index - 1] not in _WELL_AGAIN
            for index in range(low, high)
        )

    def _old(self, span: Occurrence, first: int, last: int) -> bool:
        for found in self._evidence.starting("OLD", first, min(len(self._words) - 1, last + 8)):
            # "Numb down there, and back pain for ten years": the years are those of the pain.
            if found.first < span.first or not self._of_the_pain(span.last + 1, found.first):
                return True
        if self._steady_for_months(first, min(len(self._words) - 1, last + 8)):
            return True
        # "No change" may be said of anything: it must stand beside the sign, and not go on "in my back".
        low, high = max(first, span.first - _SAME_REACH), min(last, span.last + _SAME_REACH)
        return any(
            self._words[found.last + 1 : found.last + 2] not in (["in"], ["with"], ["to"], ["from"], ["after"])
            for found in self._evidence.starting("SAME", low, high)
        )

    def _steady_for_months(self, first: int, last: int) -> bool:
        return self.near("MONTHS", first, last) and self.near("STEADY", first, last)

    def _of_the_pain(self, low: int, high: int) -> bool:
        return any(self._words[index] in _PAIN for index in range(low, high))

    def _changed(self, span: Occurrence, first: int, last: int) -> bool:
        for found in self._evidence.starting("CHANGED", first, last):
            before = set(self._words[max(found.first - 2, 0) : found.first])
            if not before & _UNCHANGED and not span.first <= found.first <= span.last:
                return True
        return False

    def _hedged(self, span: Occurrence, first: int) -> bool:
        for found in self._evidence.starting("HEDGE", max(first, span.first - _HEDGE_REACH), span.last):
            if found.first == span.first or self._words[found.last + 1 : found.last + 3] == ["as", "well"]:
                continue
            if self._describes(found):
                continue
            if found.first > span.first or not any(
                self._words[index] in {"but", "because", "my", "and"} and found.last < index - 3
                for index in range(found.last + 1, span.first)
            ):
                return True
        return False
