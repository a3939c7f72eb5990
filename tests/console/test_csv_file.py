"""CSV files that no spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.knowing.csv_file import csv_text, safe_cell

STARTS = "=+-@\t\r\n|%＝＋－＠"


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =cmd|' /C calc'!A0", "＝1+1", "\ufeff=1", "%0A=1"],
)
def test_a_formula_becomes_text(text: str) -> None:
    assert safe_cell(text).startswith("'")


@given(st.text())
def test_no_text_starts_like_a_formula(text: str) -> None:
    assert not safe_cell(text).lstrip(" \u00a0\ufeff").startswith(tuple(STARTS))


def test_numbers_stay_numbers() -> None:
    assert [safe_cell(value) for value in (-3, 0, 2.5, None)] == ["-3", "0", "2.5", ""]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=4))
def test_every_cell_comes_back_from_the_file(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text(["a", "b"], rows), newline="")))
    assert read == [["a", "b"], *[[safe_cell(cell) for cell in row] for row in rows]]
