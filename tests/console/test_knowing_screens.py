"""The screens of figures, and what an attacker tries there."""

from __future__ import annotations

import csv
import io
import re

import pytest

from bot.console.knowing.refresh import refresh
from bot.store import Database
from tests.console.records import conversation
from tests.console.site import Site
from tests.console.test_measures import NEW_YORK, fill

PERIOD = "from=2026-11-01&to=2026-11-23"


@pytest.fixture
def filled(each_site: Site) -> Site:
    fill(each_site.console.transactions.database)
    return each_site


def database(site: Site) -> Database:
    return site.console.transactions.database


def test_the_figures_stand_as_charts_and_tables(filled: Site) -> None:
    page = filled.log_in("reviewer").get(f"/figures?{PERIOD}").text
    assert page.count("<svg") == page.count("<table") == 9
    assert "style=" not in page
    assert '<th scope="row"><a href' in page.replace("'", '"')


def test_a_number_leads_to_its_conversations(filled: Site) -> None:
    browser = filled.log_in("reviewer")
    page = browser.get(f"/figures?{PERIOD}").text
    links = re.findall(r'<a href="/staff(/figures/conversations\?[^"]+)">([^<]+)</a></th><td>(\d+)</td>', page)
    assert len(links) > 10
    for href, _, number in links:
        if "of=day" in href:
            continue
        behind = browser.get(href.replace("&amp;", "&"))
        assert re.search(rf"<p>{number} conversation", behind.text), href


def test_an_admin_sees_figures_but_no_conversations(filled: Site) -> None:
    browser = filled.log_in("admin")
    assert "/figures/conversations?" not in browser.get(f"/figures?{PERIOD}").text
    assert browser.get(f"/figures/conversations?of=funnel&is=opened&{PERIOD}").status_code == 403


def test_a_table_is_a_file_and_the_download_is_written_down(filled: Site) -> None:
    browser = filled.log_in("manager")
    answer = browser.get(f"/figures/funnel.csv?{PERIOD}")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert rows[0] == ["Step", "Conversations", "Share"]
    assert rows[1][:2] == ["Opened the chat", "60"]
    assert answer.headers["content-disposition"] == 'attachment; filename="funnel-2026-11-01-2026-11-23.csv"'
    assert "figures:funnel" in browser.get("/audit").text


def test_the_list_as_a_file_has_no_words_and_runs_no_formula(each_site: Site) -> None:
    with database(each_site).session() as session:
        conversation(session, "=cmd|' /C calc'!A0")
        refresh(session, NEW_YORK)
    browser = each_site.log_in("manager")
    answer = browser.get(f"/figures/conversations.csv?of=funnel&is=opened&{PERIOD}")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert rows[1][0] == "'=cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    "path",
    [
        "/figures/conversations?of=nothing&is=x",
        "/figures/conversations?of=funnel&is=%0d%0aSet-Cookie:%20a=b",
        "/figures/conversations.csv?of=wait&is=%22%0d%0aX: y",
        "/figures/no%0d%0ax.csv",
        "/figures/../audit.csv.csv",
    ],
)
def test_what_is_not_there_is_refused_and_enters_no_header(filled: Site, path: str) -> None:
    answer = filled.log_in("manager").get(path)
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
    assert "x" not in answer.headers


def test_what_stands_in_the_address_is_never_markup(filled: Site) -> None:
    browser = filled.log_in("manager")
    nasty = "<script>alert(1)</script>{{7*7}}"
    page = browser.get("/figures/conversations", of="disposition", **{"is": nasty})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "49" not in page.text.split("<h1>")[1].split("</h1>")[0]
