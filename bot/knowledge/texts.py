"""The rest of what patients read: explanation, story score, answers, safety cards, hazards, sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.knowledge.expressions import Condition, ConditionReader, ExpressionError
from bot.knowledge.source import ContentFile, Entry

CONFIDENCE = ("high", "medium", "low")
CARD_KINDS = ("emergency", "crisis", "maternity", "urgent", "routine", "watch")
CALLS = ("emergency", "crisis", "maternity", "medical_line")
OFFERS = ("check", "stretches", "booking", "human")


@dataclass(frozen=True)
class Source:
    """Where something comes from. `check` marks a source that must still be opened at its primary place."""

    key: str
    urls: tuple[str, ...]
    title: str | None
    check: bool


@dataclass(frozen=True)
class Sentence:
    """One fact for patients, with its sources and how sure it is (high, medium, low)."""

    id: str
    text: str
    sources: tuple[str, ...]
    confidence: str


@dataclass(frozen=True)
class Muscle:
    """One of the five muscles: what it does, and a small step to feel it."""

    id: str
    name: str
    text: str
    small_step: str
    sources: tuple[str, ...]
    confidence: str


@dataclass(frozen=True)
class Explanation:
    """The sentences by id, the order in which the story is told, and the muscles."""

    sentences: Mapping[str, Sentence]
    story: tuple[str, ...]
    short_story: tuple[str, ...]
    muscles: tuple[Muscle, ...]

    def told(self, *, short: bool = False) -> tuple[Sentence, ...]:
        """The sentences of the story, in order."""
        return tuple(self.sentences[name] for name in (self.short_story if short else self.story))


@dataclass(frozen=True)
class ScoreItem:
    """What adds (or takes) points in the story score."""

    id: str
    label: str
    when: Condition
    points: int


@dataclass(frozen=True)
class Band:
    """A range of the story score and its approved words."""

    id: str
    lowest: int
    highest: int
    text: str


@dataclass(frozen=True)
class StoryScore:
    """The items and bands of the hip flexor story; the sum is kept between `lowest` and `highest`."""

    items: tuple[ScoreItem, ...]
    bands: tuple[Band, ...]
    lowest: int
    highest: int


@dataclass(frozen=True)
class Answer:
    """The answer to a common question (by intent), and what to offer next: check, stretches, booking, human.

    `asked_as` are the words that a question without an intent of its own is known by.
    """

    intent: str
    text: str
    offer: tuple[str, ...]
    sources: tuple[str, ...]
    asked_as: tuple[str, ...] = ()


@dataclass(frozen=True)
class SafetyCard:
    """What is shown when something is not safe.

    `call` says which number stands first (emergency, crisis, maternity, medical_line); `first` is the sentence with
    it, `say` what to tell them, `meanwhile` what to do while waiting. Texts hold placeholders (see Clinic.words).
    """

    id: str
    kind: str
    call: str
    title: str
    first: str
    say: str
    meanwhile: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class LanguageCard:
    """The emergency, crisis and clinic sentences in one language, for people whose language we do not speak."""

    code: str
    name: str
    emergency: str
    crisis: str
    clinic: str


@dataclass(frozen=True)
class SafetyTexts:
    """The cards by id and the sentences that go with them."""

    cards: Mapping[str, SafetyCard]
    languages: Mapping[str, LanguageCard]
    disclaimer: str
    automated: str
    if_other_person: str
    staff_silent: str


@dataclass(frozen=True)
class Hazard:
    """Something the clinic must know before treatment; `avoid` are the ids of services that wait for a check."""

    id: str
    when: Condition
    title: str
    avoid: tuple[str, ...]
    say: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Suggestion:
    """A service to propose when its condition holds."""

    service: str
    when: Condition
    because: str


@dataclass(frozen=True)
class Hazards:
    """The hazards, what the clinic itself still asks, and the services to propose, in order."""

    all: tuple[Hazard, ...]
    ask_at_clinic: tuple[str, ...]
    suggest: tuple[Suggestion, ...]


def read_sources(file: ContentFile) -> dict[str, Source]:
    """Read sources.yml; raises ContentError."""
    root = file.root()
    sources: dict[str, Source] = {}
    for key, entry in root.named("sources"):
        sources[key] = Source(
            key, entry.texts("urls", required=False), entry.text_or_none("title"), entry.flag("check")
        )
        if not sources[key].urls and sources[key].title is None:
            entry.fail(f"the source {key} needs an address or a title")
        entry.finish()
    root.finish()
    return sources


def read_explanation(file: ContentFile, sources: Mapping[str, Source]) -> Explanation:
    """Read explanation.yml; raises ContentError."""
    root = file.root()
    sentences: dict[str, Sentence] = {}
    for entry in root.entries("sentences"):
        sentence = Sentence(
            entry.text("id"),
            entry.text("text"),
            known_sources(entry, sources),
            entry.one_of("confidence", CONFIDENCE),
        )
        if sentence.id in sentences:
            entry.fail(f"the sentence {sentence.id} is there twice", "id")
        sentences[sentence.id] = sentence
        entry.finish()
    muscles = []
    for entry in root.entries("muscles"):
        muscles.append(
            Muscle(
                entry.text("id"),
                entry.text("name"),
                entry.text("text"),
                entry.text("small_step"),
                known_sources(entry, sources),
                entry.one_of("confidence", CONFIDENCE),
            )
        )
        entry.finish()
    explanation = Explanation(sentences, root.texts("story"), root.texts("short_story"), tuple(muscles))
    for key, names in (("story", explanation.story), ("short_story", explanation.short_story)):
        for index, name in enumerate(names):
            if name not in sentences:
                root.fail(f"there is no sentence called {name}", key, index)
    root.finish()
    return explanation


def read_score(file: ContentFile, names: ConditionReader, sources: Mapping[str, Source]) -> StoryScore:
    """Read hip_flexor.yml; raises ContentError."""
    root = file.root()
    known_sources(root, sources)
    root.flag("policy")
    items = []
    for entry in root.entries("items"):
        known_sources(entry, sources)
        items.append(
            ScoreItem(
                entry.text("id"), entry.text("label"), read_condition(entry, "when", names), int(entry.number("points"))
            )
        )
        entry.finish()
    bands = []
    lowest, highest = int(root.number("lowest")), int(root.number("highest"))
    expected = lowest
    for entry in root.entries("bands"):
        band = Band(entry.text("id"), int(entry.number("from")), int(entry.number("to")), entry.text("text"))
        if band.lowest != expected or band.highest < band.lowest:
            entry.fail(f"the band {band.id} must begin at {expected}, where the one before ends", "from")
        expected = band.highest + 1
        bands.append(band)
        entry.finish()
    if expected != highest + 1:
        root.fail(f"the bands must reach {highest}", "bands")
    root.finish()
    return StoryScore(tuple(items), tuple(bands), lowest, highest)


def read_answers(file: ContentFile, sources: Mapping[str, Source]) -> dict[str, Answer]:
    """Read answers.yml, by intent; raises ContentError."""
    root = file.root()
    answers: dict[str, Answer] = {}
    for intent, entry in root.named("answers"):
        offer = entry.texts("offer", required=False)
        for index, name in enumerate(offer):
            if name not in OFFERS:
                entry.fail(f"{name!r} cannot be offered: write some of {', '.join(OFFERS)}", "offer", index)
        asked_as = entry.texts("asked_as", required=False)
        answers[intent] = Answer(intent, entry.text("text"), offer, known_sources(entry, sources), asked_as)
        entry.finish()
    root.finish()
    return answers


def read_safety(file: ContentFile, sources: Mapping[str, Source]) -> SafetyTexts:
    """Read safety_cards.yml; raises ContentError."""
    root = file.root()
    cards: dict[str, SafetyCard] = {}
    for name, entry in root.named("cards"):
        card = SafetyCard(
            id=name,
            kind=entry.one_of("kind", CARD_KINDS),
            call=entry.one_of("call", CALLS),
            title=entry.text("title"),
            first=entry.text("first"),
            say=entry.text("say"),
            meanwhile=entry.texts("meanwhile", required=False),
            sources=known_sources(entry, sources),
        )
        if "{" + card.call + "}" not in card.first:
            entry.fail(f"the card {name} must name {{{card.call}}} in its first sentence", "first")
        if card.kind in CARD_KINDS[:3] and "{emergency}" not in card.first:
            entry.fail(f"the card {name} must name {{emergency}} in its first sentence", "first")
        cards[name] = card
        entry.finish()
    languages: dict[str, LanguageCard] = {}
    for code, entry in root.named("languages"):
        languages[code] = LanguageCard(
            code, entry.text("name"), entry.text("emergency"), entry.text("crisis"), entry.text("clinic")
        )
        entry.finish()
    texts = SafetyTexts(
        cards=cards,
        languages=languages,
        disclaimer=root.text("disclaimer"),
        automated=root.text("automated"),
        if_other_person=root.text("if_other_person"),
        staff_silent=root.text("staff_silent"),
    )
    root.finish()
    return texts


def read_hazards(file: ContentFile, names: ConditionReader, sources: Mapping[str, Source]) -> Hazards:
    """Read hazards.yml; raises ContentError."""
    root = file.root()
    hazards = []
    for entry in root.entries("hazards"):
        hazards.append(
            Hazard(
                id=entry.text("id"),
                when=read_condition(entry, "when", names),
                title=entry.text("title"),
                avoid=entry.texts("avoid", required=False),
                say=entry.text("say"),
                sources=known_sources(entry, sources),
            )
        )
        entry.finish()
    suggestions = []
    for entry in root.entries("suggest"):
        suggestions.append(
            Suggestion(entry.text("service"), read_condition(entry, "when", names), entry.text("because"))
        )
        entry.finish()
    if not suggestions or suggestions[-1].when.text != "always":
        root.fail("the last suggestion must hold always", "suggest")
    result = Hazards(tuple(hazards), root.texts("ask_at_clinic"), tuple(suggestions))
    root.finish()
    return result


def read_replies(file: ContentFile) -> dict[str, str]:
    """Read replies.yml: what the assistant says of its own, by name; raises ContentError."""
    root = file.root()
    said = Entry(file, ("replies",), root.mapping("replies"))
    replies = {name: said.text(name) for name in said.data}
    root.finish()
    return replies


def known_sources(entry: Entry, sources: Mapping[str, Source]) -> tuple[str, ...]:
    """The entry's sources, each of which must be in sources.yml."""
    if not entry.has("sources"):
        entry.fail("there is no source")
    keys = entry.texts("sources")
    for index, key in enumerate(keys):
        if key not in sources:
            entry.fail(f"there is no source called {key}", "sources", index)
    return keys


def read_condition(entry: Entry, key: str, names: ConditionReader) -> Condition:
    """The condition under this key."""
    try:
        return names.read(entry.text(key))
    except ExpressionError as error:
        entry.fail(str(error), key)
