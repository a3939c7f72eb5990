"""Every address of the console against every role and against nobody, and what a hostile visitor puts into them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.console.roles import ROLES
from bot.console.screens import PUBLIC, TEMPLATES
from tests.console.records import conversation, talk
from tests.console.site import Browser, Site

ALL = frozenset(ROLES)
READERS = frozenset({"reviewer", "clinician", "manager"})
CARERS = frozenset({"clinician", "manager"})
LEARNERS = frozenset({"reviewer", "manager"})
MANAGER = frozenset({"manager"})
KEEPERS = frozenset({"manager", "admin"})
ADMIN = frozenset({"admin"})
ANYBODY = None

# Written by hand, so that a new address without a line fails, and so does a wrong permission on an old one.
MAY_OPEN = {
    "GET /": ALL,
    "GET /login": ANYBODY,
    "POST /login": ANYBODY,
    "POST /logout": ALL,
    "GET /me/password": ALL,
    "POST /me/password": ALL,
    "GET /me/second-factor": ALL,
    "POST /me/second-factor": ALL,
    "GET /queue": READERS,
    "GET /queue/lines": READERS,
    "GET /queue/events": READERS,
    "POST /queue/next": READERS,
    "POST /views": READERS,
    "POST /views/{id:int}/remove": READERS,
    "GET /conversations/{id}": READERS,
    "GET /conversations/{id}/live": READERS,
    "GET /conversations/{id}/events": READERS,
    "GET /conversations/{id}/print": READERS,
    "POST /conversations/{id}/reveal": CARERS,
    "POST /conversations/{id}/claim": READERS,
    "POST /conversations/{id}/release": READERS,
    "POST /conversations/{id}/take-over": CARERS,
    "POST /conversations/{id}/answer": CARERS,
    "POST /conversations/{id}/hand-back": CARERS,
    "POST /conversations/{id}/verdict": READERS,
    "POST /conversations/{id}/tags": READERS,
    "POST /conversations/{id}/notes": READERS,
    "GET /conversations/{id}/test.yml": MANAGER,
    "GET /replies": CARERS,
    "POST /replies/write": CARERS,
    "POST /replies/{id:int}/approve": MANAGER,
    "POST /replies/{id:int}/remove": MANAGER,
    "GET /alerts": CARERS,
    "GET /alerts/banner": CARERS,
    "GET /alerts/events": CARERS,
    "POST /alerts/{id:int}/take": CARERS,
    "POST /alerts/{id:int}/give": CARERS,
    "GET /calendar": CARERS,
    "POST /calendar/change": CARERS,
    "POST /calendar/change/{id:int}/remove": CARERS,
    "GET /appointments/new": CARERS,
    "POST /appointments/new/save": CARERS,
    "GET /appointments/{id}": CARERS,
    "POST /appointments/{id}/reveal": CARERS,
    "POST /appointments/{id}/move": CARERS,
    "POST /appointments/{id}/cancel": CARERS,
    "POST /appointments/{id}/outcome": CARERS,
    "GET /requests": CARERS,
    "POST /requests/{id}/reveal": CARERS,
    "POST /requests/{id}/close": CARERS,
    "GET /figures": ALL,
    "GET /figures/conversations": READERS,
    "GET /figures/conversations.csv": MANAGER,
    "GET /figures/{figure}.csv": ALL,
    "GET /learning": LEARNERS,
    "POST /learning/add": LEARNERS,
    "GET /learning/files": MANAGER,
    "GET /learning/files/{name}.yml": MANAGER,
    "GET /learning/{item}": LEARNERS,
    "POST /learning/{item}": LEARNERS,
    "GET /privacy": KEEPERS,
    "POST /privacy/run": KEEPERS,
    "POST /privacy/holds": KEEPERS,
    "POST /privacy/holds/{id}/lift": KEEPERS,
    "GET /privacy/erase": KEEPERS,
    "POST /privacy/erase": KEEPERS,
    "GET /audit": KEEPERS,
    "GET /audit.csv": KEEPERS,
    "GET /switches": KEEPERS,
    "POST /switches/{channel}": KEEPERS,
    "GET /accounts": ADMIN,
    "POST /accounts/add": ADMIN,
    "POST /accounts/{id:int}": ADMIN,
}
KEPT_OPEN = ("/logout",)  # would end the visit
ENDING = (*KEPT_OPEN, "/me/password", "/me/second-factor", "/accounts/{id:int}")
FIELDS = sorted(
    {name for page in TEMPLATES.rglob("*.html") for name in re.findall(r'name="([\w-]+)"', page.read_text("utf-8"))}
    - {"csrf", "viewport"}
)
NASTY = (
    "{{7191*7}}${7191*7}<%= 7191*7 %>#{7191*7}",
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "' OR '1'='1'; DROP TABLE messages; --",
    "x\r\nX-Evil: 1\r\n\r\n<html>",
    "../../../../etc/passwd",
    "\x00\ud83d\ude00"[0] + "😀",
    "99999999999999999999999",
    "-1",
    "//evil.example/\\evil.example",
)


def send(browser: Browser, line: str, gap: str = "1", **fields: str) -> tuple[int, str, dict[str, str]]:
    """Status, text and headers of this address, with `gap` where it has a gap."""
    method, _, path = line.partition(" ")
    path = re.sub(r"\{[^}]+\}", lambda _: gap, path)
    answer = browser.get(path, **fields) if method == "GET" else browser.post(path, **fields)
    return answer.status_code, answer.text, dict(answer.headers)


@pytest.fixture
def quiet(site: Site) -> Site:
    """A site whose streams end at once."""
    site.console.desk.events.close()
    with site.console.transactions.database.session() as session:
        talk(session, conversation(session, "c1"), ("patient", "my back hurts", {}))
    return site


def test_every_address_has_its_line(site: Site) -> None:
    addresses = {f"{method} {screen.path}" for screen in site.console.screens for method in screen.methods}
    assert addresses == set(MAY_OPEN)


def test_public_addresses_are_those_of_the_table(site: Site) -> None:
    public = {
        f"{method} {one.path}" for one in site.console.screens for method in one.methods if one.permission is PUBLIC
    }
    assert public == {line for line, roles in MAY_OPEN.items() if roles is ANYBODY}


@pytest.mark.parametrize("role", ROLES)
def test_every_address_against_every_role(role: str, quiet: Site) -> None:
    browser = quiet.log_in(role)
    for line, roles in MAY_OPEN.items():
        if roles is ANYBODY or line.endswith(KEPT_OPEN):
            continue
        status, text, _ = send(browser, line)
        if role in roles:
            assert status not in (401, 403), line
            assert status < 500, line
        else:
            assert status == 403, line
            assert "Not for your role" in text, line


def test_nobody_gets_further_than_the_login(quiet: Site) -> None:
    nobody = quiet.browser()
    for line, roles in MAY_OPEN.items():
        if roles is not ANYBODY:
            status, text, headers = send(nobody, line)
            assert (status, text) == (303, ""), line
            assert headers["location"].startswith("/staff/login"), line


def test_every_form_needs_its_own_token(quiet: Site) -> None:
    browsers = {role: quiet.log_in(role) for role in ROLES}
    for token in ("", "wrong", quiet.log_in("manager", "mallory").csrf):
        for line, roles in MAY_OPEN.items():
            if line.startswith("POST") and roles is not ANYBODY:
                browser = browsers[min(roles)]
                browser.csrf = token
                status, text, _ = send(browser, line)
                assert status == 403, line
                assert "That form was too old" in text, line


def is_harmless(browser: Browser, line: str, gap: str, fields: dict[str, str]) -> None:
    status, text, headers = send(browser, line, gap, **fields)
    assert status < 500, (line, gap, fields)
    assert "50337" not in text, (line, "a template ran what was typed")
    assert "<script>alert" not in text, line
    assert "<img src=x" not in text, line
    assert "x-evil" not in {name.lower() for name in headers}, line
    assert not re.match(r"(https?:)?//(?!testserver)|/\\|/staff//", headers.get("location", "")), line


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_that_is_typed_runs_anywhere(nasty: str, quiet: Site) -> None:
    browsers = [quiet.log_in("manager"), quiet.log_in("admin")]
    fields = dict.fromkeys(FIELDS, nasty)
    gaps = ("1", "c1", re.sub(r"[\x00-\x1f]", lambda sign: f"%{ord(sign[0]):02x}", nasty).replace("#", "%23"))
    for method in ("POST", "GET"):  # the pages show what the forms kept
        for line in MAY_OPEN:
            if not line.startswith(method) or line.endswith(
                (*KEPT_OPEN, "/me/password", "/me/second-factor", "/accounts/{id:int}")
            ):
                continue
            for browser in browsers:
                for gap in gaps if "{" in line else ("",):
                    is_harmless(browser, line, gap, fields)


def test_a_view_is_removed_by_its_owner_only(quiet: Site) -> None:
    ann, bob = quiet.log_in("manager", "ann"), quiet.log_in("manager", "bob")
    assert ann.post("/views", name="mine", state="all").status_code == 303
    number = re.search(r"/views/(\d+)/remove", ann.get("/queue").text)
    assert number is not None
    bob.post(f"/views/{number[1]}/remove")
    assert "mine" in ann.get("/queue").text
    assert "mine" not in bob.get("/queue").text


def test_fields_are_found_in_the_templates() -> None:
    assert {"reason", "text", "name", "tags", "why", "opening"} <= set(FIELDS)
    assert Path(TEMPLATES).is_dir()
