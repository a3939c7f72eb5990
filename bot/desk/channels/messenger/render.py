"""Draws a message of the contract in Messenger's means; no result can break a limit of Meta's.

The payload of each button says what a tap means: `choice|id`, `value|seq|JSON`, `more|seq|first`, `say|menu item`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bot.desk.channels.messenger import limits
from bot.desk.channels.messenger.limits import shorten, split
from bot.desk.channels.messenger.texts import MessengerTexts

LISTED = ("choices", "body_map")
Part = dict[str, Any]


class Tap(NamedTuple):
    """Something to tap: its whole title, and what it sends."""

    title: str
    payload: str


@dataclass(frozen=True)
class Renderer:
    """Draws messages. A link named `web_chat` gets the address that the caller gives for this conversation."""

    texts: MessengerTexts

    def render(self, text: str, payload: Mapping[str, Any], seq: int, web_chat: str = "") -> list[Part]:
        """The parts to send, in order; each is Meta's `message` object."""
        ask = payload.get("ask") or {}
        openings = self._openings(payload)
        taps = self._taps(payload, ask, seq, without=openings)
        numbered = _is_listed(ask, payload)
        body = self._body(text, payload, taps, numbered, web_chat)
        if openings:
            return [*_texts(split(body or self.texts.choose, limits.TEXT)), *self._carousels(openings, taps, seq)]
        if numbered:
            taps = _numbered_taps(taps)
        prefer_buttons = not ask and not payload.get("safety")
        return self._with_taps(body, taps, seq, 0, buttons=prefer_buttons)

    def more(self, payload: Mapping[str, Any], seq: int, first: int) -> list[Part]:
        """The next page of the choices of a message, from the choice with this index."""
        taps = self._taps(payload, payload.get("ask") or {}, seq, without=[])
        return self._with_taps(self.texts.more_choices, taps[first:], seq, first, buttons=False) if taps[first:] else []

    def _body(self, text: str, payload: Mapping[str, Any], taps: Sequence[Tap], numbered: bool, web_chat: str) -> str:
        """Everything that is said in words: what buttons must cut stands here in full."""
        blocks = [text.strip()]
        ask = payload.get("ask") or {}
        if numbered:
            options = [str(option["title"]) for option in ask["options"]]
            blocks.append("\n".join(f"{number}. {title}" for number, title in enumerate(options, start=1)))
            blocks.append(self.texts.pick_several if ask["kind"] in LISTED else self.texts.pick_one)
        elif ask.get("kind") in ("number", "scale") and ask.get("options"):
            blocks.append("\n".join(f"• {option['title']}" for option in ask["options"]))
        elif any(limits.size(tap.title) > limits.TITLE for tap in taps):
            blocks.append("\n".join(f"• {tap.title}" for tap in taps))
        blocks += self._card_lines(payload.get("card") or {})
        blocks += self._links(payload, web_chat)
        return "\n\n".join(block for block in blocks if block)

    def _card_lines(self, card: Mapping[str, Any]) -> list[str]:
        """What the website draws beside the text."""
        lists = (
            (self.texts.meanwhile, card.get("meanwhile")),
            (self.texts.careful, card.get("cautions")),
            (self.texts.stop_if, card.get("stop_signs")),
        )
        return [
            "\n".join([heading, *(f"• {line}" for line in lines)])
            for heading, lines in lists
            if isinstance(lines, list) and lines
        ]

    def _links(self, payload: Mapping[str, Any], web_chat: str) -> list[str]:
        lines = []
        links = list(payload.get("links") or ())
        if "consent" in (payload.get("ask") or {}).get("questions", ()) and web_chat:
            links.append({"title": "web_chat"})
        for link in links:
            title = str(link.get("title", ""))
            href = web_chat if title == "web_chat" and web_chat else str(link.get("href", ""))
            if href.startswith(("https://", "http://")):
                lines.append(f"{self.texts.links.get(title, title or self.texts.link)}: {href}")
        return ["\n".join(lines)] if lines else []

    def _openings(self, payload: Mapping[str, Any]) -> list[tuple[Tap, str]]:
        """The free times that are choices, each with who it is with."""
        card, ask = payload.get("card") or {}, payload.get("ask") or {}
        if ask.get("kind") != "time" or not card.get("openings"):
            return []
        practitioner = {str(opening["id"]): str(opening.get("with", "")) for opening in card["openings"]}
        by_title = {str(option["title"]): str(option["id"]) for option in ask.get("options", ())}
        return [
            (Tap(str(choice["title"]), f"choice|{choice['id']}"), practitioner.get(by_title[str(choice["title"])], ""))
            for choice in payload.get("choices", ())
            if str(choice["title"]) in by_title
        ]

    def _taps(
        self, payload: Mapping[str, Any], ask: Mapping[str, Any], seq: int, *, without: Sequence[tuple[Tap, str]]
    ) -> list[Tap]:
        drawn = {tap.payload for tap, _ in without}
        taps = [Tap(str(choice["title"]), f"choice|{choice['id']}") for choice in payload.get("choices") or ()]
        if not taps:
            taps = self._answers(ask, seq)
        return [tap for tap in taps if tap.payload not in drawn and len(tap.payload) <= limits.PAYLOAD]

    def _answers(self, ask: Mapping[str, Any], seq: int) -> list[Tap]:
        """What can be tapped where the assistant gave no choices of its own."""
        kind, options = ask.get("kind"), ask.get("options") or []
        if kind == "yes_no":
            return [_value(self.texts.answer_yes, seq, True), _value(self.texts.answer_no, seq, False)]
        if kind == "scale" and 0 <= _whole(ask.get("max"), 10) - _whole(ask.get("min"), 0) < limits.QUICK_REPLIES:
            numbers = range(_whole(ask.get("min"), 0), _whole(ask.get("max"), 10) + 1)
            return [_value(str(number), seq, number) for number in numbers]
        if kind in LISTED:
            several = [_value(str(option["title"]), seq, [str(option["id"])]) for option in options]
            return [*several, _value(self.texts.none_of_these, seq, [])]
        if kind == "choice":
            return [_value(str(option["title"]), seq, str(option["id"])) for option in options]
        return []

    def _with_taps(self, body: str, taps: Sequence[Tap], seq: int, first: int, *, buttons: bool) -> list[Part]:
        if not taps:
            return _texts(split(body, limits.TEXT))
        body = body or self.texts.choose
        if buttons and len(taps) <= limits.BUTTONS:
            return _button_template(body, taps)
        *before, last = split(body, limits.TEXT)
        return [*_texts(before), {"text": last, "quick_replies": self._quick_replies(taps, seq, first)}]

    def _quick_replies(self, taps: Sequence[Tap], seq: int, first: int) -> list[Part]:
        shown = list(taps)
        if len(shown) > limits.QUICK_REPLIES:
            page = limits.QUICK_REPLIES - 1
            shown = [*shown[:page], Tap(self.texts.more, f"more|{seq}|{first + page}")]
        return [
            {"content_type": "text", "title": shorten(tap.title, limits.TITLE), "payload": tap.payload} for tap in shown
        ]

    def _carousels(self, openings: Sequence[tuple[Tap, str]], taps: Sequence[Tap], seq: int) -> list[Part]:
        """Free times as cards; what else can be done stands under the last of them."""
        parts: list[Part] = []
        for start in range(0, len(openings), limits.ELEMENTS):
            elements = [self._element(tap, person) for tap, person in openings[start : start + limits.ELEMENTS]]
            payload = {"template_type": "generic", "elements": elements}
            parts.append({"attachment": {"type": "template", "payload": payload}})
        if taps:
            parts[-1]["quick_replies"] = self._quick_replies(taps, seq, 0)
        return parts

    def _element(self, tap: Tap, person: str) -> Part:
        title = shorten(self.texts.choose_time, limits.TITLE)
        return {
            "title": shorten(tap.title, limits.ELEMENT_TITLE),
            "subtitle": shorten(person or self.texts.times, limits.ELEMENT_TITLE),
            "buttons": [{"type": "postback", "title": title, "payload": tap.payload}],
        }


def numbered_options(payload: Mapping[str, Any]) -> list[str] | None:
    """The ids of the options that were shown with numbers; None if none were."""
    ask = payload.get("ask") or {}
    return [str(option["id"]) for option in ask["options"]] if _is_listed(ask, payload) else None


def _is_listed(ask: Mapping[str, Any], payload: Mapping[str, Any]) -> bool:
    """Checklists and body maps are numbered lists; so is a choice whose titles no button can hold."""
    options = ask.get("options") or []
    if not options or payload.get("choices"):
        return False
    too_long = any(limits.size(str(option["title"])) > limits.TITLE for option in options)
    return ask.get("kind") in LISTED or (ask.get("kind") == "choice" and too_long)


def _numbered_taps(taps: Sequence[Tap]) -> list[Tap]:
    """The numbers of a list to tap; "none of these", where it is there, keeps its words."""
    return [
        tap if tap.payload.endswith("|[]") else Tap(str(number), tap.payload)
        for number, tap in enumerate(taps, start=1)
    ]


def _texts(pieces: Sequence[str]) -> list[Part]:
    return [{"text": piece} for piece in pieces]


def _button_template(body: str, taps: Sequence[Tap]) -> list[Part]:
    """Buttons that stay; what is longer than their own text goes before them."""
    before: list[str] = []
    last = body
    if limits.size(body) > limits.TEMPLATE_TEXT:
        *head, last = split(body, limits.TEMPLATE_TEXT)
        before = split(body[: body.rfind(last)], limits.TEXT) if head else []
    buttons = [{"type": "postback", "title": shorten(tap.title, limits.TITLE), "payload": tap.payload} for tap in taps]
    payload = {"template_type": "button", "text": last, "buttons": buttons}
    return [*_texts(before), {"attachment": {"type": "template", "payload": payload}}]


def _value(title: str, seq: int, value: Any) -> Tap:
    return Tap(title, f"value|{seq}|{json.dumps(value)}")


def _whole(value: Any, default: int) -> int:
    return int(value) if isinstance(value, int | float) else default
