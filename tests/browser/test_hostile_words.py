"""Two hundred hostile strings through every field, the patient's and the assistant's: nothing runs."""

from __future__ import annotations

from itertools import product
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.chat import write
from tests.browser.fake_desk import FakeDesk, open_panel
from tests.browser.test_kinds import MUSCLE, STRETCH

RUN = "window.hacked=1"
TRAPS = (
    f"<img src=x onerror={RUN}>",
    f"<script>{RUN}</script>",
    f"<svg/onload={RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'>",
    f"<a href=javascript:{RUN}>tap</a>",
    f"<details open ontoggle={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<style>@import 'javascript:{RUN}'</style>",
    f"javascript:{RUN}",
    f"java\tscript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    f"vbscript:{RUN}",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"${{{RUN}}}",
    f"[tap](javascript:{RUN})",
    f"**<b onclick={RUN}>bold</b>**",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f"<x contenteditable onblur={RUN}>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"alert(1);{RUN}",
)
WRAPS = (
    "{}",
    '">{}',
    "'>{}",
    "</textarea>{}",
    "</title>{}",
    "-->{}",
    'https://a.example/"{}',
    "\u202e{}",
    "]]>{}",
    "\u200b{}",
)
HOSTILE = [wrap.format(trap) for wrap, trap in product(WRAPS, TRAPS)]


def everywhere(words: str) -> list[dict[str, Any]]:
    """One message of each kind, with the words in all of its fields."""
    options = [{"id": words, "title": words}]
    image = {"src": words, "alt": words}
    stretch = dict.fromkeys(("name", "lengthens", "dose"), words)
    lists = {key: [words] for key in ("steps", "cautions", "stop_signs")}
    muscle = {**MUSCLE, "muscle": words, "title": words, "text": words, "small_step": words}
    call = {"number": words, "text": words}
    return [
        {"text": words, "choices": options, "image": image, "links": [{"href": words, "title": words}]},
        {"text": words, "card": {**STRETCH, **stretch, **lists, "id": words}, "image": image},
        {"text": words, "card": muscle, "image": image},
        {"text": words, "card": {"kind": "booking", "reference": words, "service": words, "manage": words}},
        {
            "text": words,
            "safety": {"row": words, "call": call},
            "card": {"title": words, "say": words, "meanwhile": [words]},
        },
        {"text": words, "ask": {"questions": [words], "kind": "choices", "unit": words, "options": options}},
    ]


def test_nothing_of_the_assistant_runs(clinic_page: Page, fake_desk: FakeDesk) -> None:
    for words in HOSTILE:
        for message in everywhere(words):
            fake_desk.say(message.pop("text"), **message)
    open_panel(clinic_page)
    expect(clinic_page.locator("psoas-chat .message.assistant")).to_have_count(len(fake_desk.messages))
    assert clinic_page.evaluate("window.hacked") is None
    found = clinic_page.evaluate(
        """() => {
          const all = [...document.querySelector("psoas-chat").shadowRoot.querySelectorAll("*")];
          const bad = (a) => a.name.startsWith("on") || /^\\s*(javascript|data|vbscript):/i.test(a.value);
          const attributes = all.flatMap((element) => [...element.attributes])
            .filter((a) => a.name.startsWith("on") || (["href", "src"].includes(a.name) && bad(a)));
          const hosts = all.filter((e) => e.src).map((e) => new URL(e.src).origin);
          return {
            tags: all.filter((e) => /^(script|iframe|style|object|embed|math)$/i.test(e.tagName)).length,
            attributes: attributes.map((a) => a.value),
            hosts: [...new Set(hosts)],
          };
        }"""
    )
    assert found == {"tags": 0, "attributes": [], "hosts": found["hosts"]}
    assert set(found["hosts"]) <= {"https://desk.example"}


def test_nothing_of_the_patient_runs_or_changes(clinic_page: Page, fake_desk: FakeDesk) -> None:
    fake_desk.say("Hello there")
    open_panel(clinic_page)
    for text in HOSTILE:
        write(clinic_page, text)
    expect(clinic_page.locator("psoas-chat .message.patient")).to_have_count(len(HOSTILE), timeout=30_000)
    expect(clinic_page.get_by_text("Sending")).to_have_count(0)
    assert clinic_page.evaluate("window.hacked") is None
    assert fake_desk.texts() == HOSTILE


def test_words_of_another_tab_are_only_words(clinic_page: Page, fake_desk: FakeDesk) -> None:
    fake_desk.say("Hello there")
    clinic_page.evaluate(
        "words => localStorage.setItem('psoas:https://desk.example:draft', JSON.stringify(words))", HOSTILE[0]
    )
    open_panel(clinic_page)
    expect(clinic_page.locator("psoas-chat textarea")).to_have_value(HOSTILE[0])
    assert clinic_page.evaluate("window.hacked") is None
