"""Charts that a strict page may show, and that say in words what they show."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.knowing.charts import Bar, Series, bars, columns, lines, nice_top

SVG = "{http://www.w3.org/2000/svg}"
NASTY = '<script>alert(1)</script>" onload="x'


def parsed(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup)


def drawings(label: str) -> list[str]:
    return [
        bars("a", label, [Bar(label, 3, "3"), Bar("other", 0, "0")]),
        columns("b", label, [label, "2"], [Series(label, [1, None], "one"), Series("second", [2, 3], "two")]),
        lines("c", label, [label, "2", "3"], [Series(label, [0.2, None, 0.4], "one")]),
    ]


@pytest.mark.parametrize("drawing", drawings(NASTY))
def test_words_cannot_become_markup_or_style(drawing: str) -> None:
    root = parsed(drawing)
    for element in root.iter():
        assert element.tag not in ("script", "style")
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("drawing", drawings("Conversations"))
def test_a_chart_has_a_name_and_a_description(drawing: str) -> None:
    root = parsed(drawing)
    ids = {element.attrib["id"]: element for element in root.iter() if "id" in element.attrib}
    named = [ids[name] for name in root.attrib["aria-labelledby"].split()]
    assert root.attrib["role"] == "img"
    assert [element.tag for element in named] == ["title", "desc"]
    assert all(element.text for element in named)


def test_a_bar_is_as_long_as_its_number() -> None:
    root = parsed(bars("a", "t", [Bar("x", 10, "10"), Bar("y", 5, "5"), Bar("z", 0, "0")]))
    widths = [float(e.attrib["width"]) for e in root.iter() if e.attrib.get("class", "").startswith("chart-bar")]
    assert widths[1] == pytest.approx(widths[0] / 2)
    assert widths[2] == 0


def test_nothing_to_draw_is_no_error() -> None:
    assert "Nothing in this period" in columns("b", "t", [], [])
    assert parsed(bars("a", "t", [])) is not None


@given(st.floats(min_value=0, max_value=1e9, allow_nan=False))
def test_a_scale_ends_above_its_highest_value_and_not_far(most: float) -> None:
    assert most <= nice_top(most) <= max(4, most * 2.5)
