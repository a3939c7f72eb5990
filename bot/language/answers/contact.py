"""Names, telephone numbers and e-mail addresses."""

from __future__ import annotations

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from bot.language.answers.lexicon import lexicon, phrases
from bot.language.answers.place import country
from bot.language.answers.polarity import polarity
from bot.language.answers.wording import Wording, worded
from bot.language.types import Answer

_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]]+@[^\s@,;:<>()\[\]]+")
_SPOKEN = (
    (re.compile(r"\s*[\[({]\s*(?:at|@)\s*[\])}]\s*|\s+at\s+(?=\S+(?:\s*\.|\s+dot\s))", re.I), "@"),
    (re.compile(r"\s*[\[({]\s*(?:dot|\.)\s*[\])}]\s*|\s+dot\s+", re.I), "."),
    (re.compile(r"\s+underscore\s+", re.I), "_"),
    (re.compile(r"\s+(?:dash|hyphen)\s+", re.I), "-"),
    (re.compile(r"\s*@\s*"), "@"),
    (re.compile(r"(?<=@)(\w[\w-]*)\s*\.\s*(?=\w)"), r"\1."),
)
_COMMA_DOT = re.compile(r"(?<=@)([\w-]+),(?=(?:com|co|org|net)\b)")
_DIGITS = re.compile(r"[+(]?\d[\d\s().\-–/+]{4,}\d")
_WORDS = {
    "oh": "0",
    "o": "0",
    "zero": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
}
_DOUBLES = re.compile(r"\b(double|triple)\s+(\d)")
_EXTENSION = re.compile(r"\s*(?:ext\.?|extension|x)\s*\d+.*$", re.I)
_LEAD = re.compile(
    r"^(?:(?:hi|hello|hey|ok|okay|sure|yes|yeah|yep|um|er|oh|well|so|please)[,.! ]+)*"
    r"(?:(?:it'?s|its|it is|i'?m|im|i am|this is|that'?s|my (?:full |first )?name(?: is|'?s|s)?|name(?: is|"
    r"'?s)?:?|the name'?s|the name is|call me|i'?m called|they call me|people call me|"
    r"put(?: it)?(?: (?:down )?(?:as|under|for))?|book(?:ing)? (?:it )?(?:under|for|as|in as)|under|for|"
    r"(?:the )?name of|make it|just|use|you can call me|you can (?:use|put)|just (?:use|put)|it should be|"
    r"should be|everyone calls me|goes by|known as|put me down as)\b[: ,-]*)+",
    re.I,
)
_TAIL = re.compile(
    r"(?:[,.!]?\s*(?:please|pls|plz|with an? \w|thanks|thank you|cheers|thx|ta|here|is fine|will do|is my name|"
    r"speaking|btw|:\)|🙂|👍|😊))+\W*$",
    re.I,
)
_NAME = re.compile(r"[^\W\d_]+(?:[.'’`-][^\W\d_]+)*\.?(?:\s+[^\W\d_]+(?:[.'’`-][^\W\d_]+)*\.?){0,5}$")
_TWO_PARTS = re.compile(
    r"first(?: name)?(?: is|:)? (\S+?)[,;.]? (?:and )?(?:my )?(?:last name|last|surname|second name|"
    r"family name)(?: is|:)? (\S+)",
    re.I,
)
_SMALL = frozenset(
    {"de", "van", "von", "der", "den", "da", "di", "la", "le", "bin", "al", "el", "y", "du", "dos", "del"}
)


def read_phone(text: str, *, region: str | None = None) -> Answer | None:
    """{contact_phone} in E.164, read as a number of `region` (the clinic's country unless given).

    Too short, too long or not a number that can exist: no fact, with `clarify` "impossible".
    """
    text = _shortened(text)
    spoken = _spoken_digits(text)
    candidates = [_EXTENSION.sub("", found) for found in _DIGITS.findall(spoken)]
    home = region or country()
    for candidate in (
        reversed(candidates) if re.search(r"actually|sorry|no wait|correction|i mean", text, re.I) else candidates
    ):
        number = _valid(candidate, home)
        if number:
            return Answer({"contact_phone": number})
    if candidates or re.search(r"\d{3,}", spoken):
        return Answer({}, clarify="impossible")
    return _not_given(worded(text))


def _shortened(text: str) -> str:
    """The beginning, with single spaces: no name, number or address is longer than that."""
    return " ".join(text[:4000].split())[:500]


def _spoken_digits(text: str) -> str:
    words = re.sub(r"[^\W\d_]+", lambda word: _WORDS.get(word.group().lower(), word.group()), text)
    doubled = _DOUBLES.sub(lambda found: found[2] * (2 if found[1] == "double" else 3), words)
    return re.sub(r"(?<=\d),\s*(?=\d)", " ", doubled)


def _valid(candidate: str, region: str) -> str | None:
    tries = [(candidate, region)]
    digits = re.sub(r"\D", "", candidate)
    if not candidate.startswith("+") and len(digits) >= 11:
        # An international number whose plus sign was left out, or a British one written at home.
        tries += [(f"+{digits.removeprefix('00')}", region), (candidate, "GB")]
    for written, home in tries:
        try:
            number = phonenumbers.parse(written, home)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number) and (phonenumbers.is_valid_number(number) or _fictional(number)):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return None


def _fictional(number: phonenumbers.PhoneNumber) -> bool:
    """555-01xx is kept for examples in North America and not "valid", yet of the right form."""
    return number.country_code == 1 and re.fullmatch(r"\d{3}55501\d\d", str(number.national_number)) is not None


def read_email(text: str) -> Answer | None:
    """{contact_email} in lower case. Written wrongly: no fact, with `clarify` "impossible"."""
    text = _shortened(text)
    spoken = _COMMA_DOT.sub(r"\1.", text)
    for pattern, written in _SPOKEN:
        spoken = pattern.sub(written, spoken)
    found = [candidate.strip(".!?'\"“”*_").removeprefix("mailto:") for candidate in _ADDRESS.findall(spoken)]
    if re.search(r"actually|sorry|no wait|correction|i mean|don'?t use|is dead|thats dead|old one", text, re.I):
        found.reverse()
    for candidate in found:
        address = _spelled(candidate)
        try:
            return Answer(
                {
                    "contact_email": validate_email(
                        address, check_deliverability=False, test_environment=True
                    ).normalized.lower()
                }
            )
        except EmailNotValidError:
            continue
    if "@" in text or re.search(r"\b\w+\.(?:com|org|net|co)\b", text):
        return Answer({}, clarify="impossible")
    return _not_given(worded(text))


def _spelled(address: str) -> str:
    """Typing slips in the domains that most people have (gmial.com, hotmail.con)."""
    local, _, domain = address.rpartition("@")
    fixed = {str(wrong): str(right) for wrong, right in lexicon()["mail_domains"].items()}.get(domain.lower(), domain)
    return f"{local}@{fixed}"


def read_name(text: str) -> Answer | None:
    """{contact_name}, tidied: "its bob smith" gives "Bob Smith"."""
    text = _shortened(text)
    parts = _TWO_PARTS.search(text)
    if parts:
        text = f"{parts[1]} {parts[2]}"
    corrected = re.split(r"\b(?:sorry|actually|i mean|no wait|correction)\b[,: ]*", text, flags=re.I)
    if len(corrected) > 1 and corrected[-1].strip():
        text = corrected[-1]
    name = _TAIL.sub("", _LEAD.sub("", text.strip(' .,!?"“”-'))).strip(' .,!?"“”-')
    name = re.split(r"[,;(]| and | but | - |\s+(?:my|the) |(?<=\w\w)\. ", name)[0].strip()
    wording = worded(name)
    if not name or not _NAME.match(name) or len(name) > 80:
        return (
            _not_given(worded(text))
            if not name or not any(c.isalpha() for c in name) or len(name.split()) > 6
            else _unclear(text)
        )
    if _looks_like_refusal(wording) or (
        polarity(wording) and len(wording.words) > 1 and phrases("not_names").search(wording.plain)
    ):
        return _not_given(worded(text))
    if phrases("not_names").fullmatch(wording.plain):
        return _not_given(worded(text))
    return Answer({"contact_name": _tidy(name)})


def _looks_like_refusal(wording: Wording) -> bool:
    return polarity(wording) == "declined" or (
        polarity(wording) in ("yes", "no", "unsure")
        and len(wording.words) <= 2
        and phrases("not_names").search(wording.plain) is not None
    )


def _unclear(text: str) -> Answer | None:
    refused = _not_given(worded(text))
    return refused if refused is not None else Answer({}, clarify="unclear")


def _tidy(name: str) -> str:
    words = name.replace("`", "'").split()
    if not (name.islower() or name.isupper()):
        return " ".join(words)
    return " ".join(
        word.lower() if word.lower() in _SMALL and place else _capitalised(word) for place, word in enumerate(words)
    )


def _capitalised(word: str) -> str:
    parts = re.split(r"([-'’])", word.lower())
    capitals = "".join(part[:1].upper() + part[1:] for part in parts)
    return re.sub(r"^Mc([a-z])", lambda found: "Mc" + found[1].upper(), re.sub(r"(['’])S$", r"\1s", capitals))


def _not_given(wording: Wording) -> Answer | None:
    said = polarity(wording)
    if said in ("declined", "no"):
        return Answer({}, status="declined")
    if said == "unsure":
        return Answer({}, status="unsure")
    return Answer({}, clarify="unclear") if said == "yes" else None
