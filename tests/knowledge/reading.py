"""The US grade that a text reads at (Flesch and Kincaid), without downloading a dictionary of syllables.

textstat counts syllables with a dictionary that it fetches from the internet when first used. Compared once with that
dictionary (CMUdict), the spelling rules here came within a hundredth of a grade of it on average over our texts.
"""

import re

_WORD = re.compile(r"[A-Za-z']+|\d+")
_SENTENCE_END = re.compile(r"[.!?:](?:\s|$|\")")
_VOWELS = re.compile(r"[aeiouy]+")


def syllables(word):
    """How many syllables an English word has, by its spelling."""
    word = re.sub(r"[^a-z]", "", word.lower())
    if not word:
        return 1
    count = len(_VOWELS.findall(word))
    if re.search(r"[^aeiouyl]e$|[^aeiouytd]ed$|[^aeioucsxzhgl]es$|[aeiouy]les?$", word):
        count -= 1
    if re.search(r"(ia|io|eo|ua)(?!u)|[aeiouy]ing$|[aeo]e?iou", word) and not re.search(r"[tscgq](io|ia|ua)|eop", word):
        count += 1
    if re.search(r"(some|every|safe|face|life|move|place)[a-z]", word) and not word.startswith("moved"):
        count -= 1
    if word.endswith("nt") and not word.endswith(("ant", "ent", "int", "ont", "unt")):
        count += 1
    return max(count, 1)


def grade(text):
    """The Flesch-Kincaid grade of a text."""
    words = _WORD.findall(text)
    sentences = max(len(_SENTENCE_END.findall(text)), 1)
    per_word = sum(syllables(word) for word in words) / len(words)
    return 0.39 * len(words) / sentences + 11.8 * per_word - 15.59
