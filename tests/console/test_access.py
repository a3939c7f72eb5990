"""Who gets in, who may open what, and what an attacker tries."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.console.access import safe_next
from tests.console.site import PASSWORD, Site, csrf_of


def test_a_form_from_another_site_is_refused(site: Site) -> None:
    browser = site.log_in("admin")
    answer = browser.http.post(
        "/staff/accounts/add", data={"csrf": browser.csrf}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


def test_the_first_login_sets_up_password_and_second_factor(each_site: Site) -> None:
    site = each_site
    password = site.hire("ann", "manager", ready=False)
    browser = site.browser()
    assert browser.post("/login", name="ann", password=password).status_code == 303
    assert browser.get("/").headers["location"] == "/staff/me/password"
    browser.csrf = csrf_of(browser.get("/me/password"))
    assert browser.post("/me/password", old=password, new="short", again="short").status_code == 422
    assert browser.post("/me/password", old=password, new=PASSWORD, again=PASSWORD).status_code == 303
    page = browser.get("/me/second-factor")
    browser.csrf = csrf_of(page)
    site.secrets["ann"] = secret = re.search(r'name="secret" value="([A-Z2-7]+)"', page.text).group(1)
    assert browser.post("/me/second-factor", secret=secret, code="000000").status_code == 422
    assert browser.post("/me/second-factor", secret=secret, code=site.code("ann")).status_code == 303
    again = site.browser()
    assert again.post("/login", name="ann", password=PASSWORD).status_code == 401
    site.clock.wait(timedelta(seconds=31))
    assert again.post("/login", name="ann", password=PASSWORD, code=site.code("ann")).status_code == 303


def test_a_code_works_once(site: Site) -> None:
    site.hire("ann", "manager")
    site.clock.wait(timedelta(minutes=1))
    tries = [site.browser().post("/login", name="ann", password=PASSWORD, code=site.code("ann")) for _ in range(2)]
    assert [one.status_code for one in tries] == [303, 401]


def test_guessing_locks_the_account_for_longer_and_longer(site: Site) -> None:
    site.hire("ann", "manager")
    site.clock.wait(timedelta(minutes=1))
    for guess in range(5):
        assert site.browser().post("/login", name="ann", password=f"guess {guess}").status_code == 401
    right = {"name": "ann", "password": PASSWORD}
    assert site.browser().post("/login", **right, code=site.code("ann")).status_code == 401
    site.clock.wait(timedelta(minutes=2))
    assert site.browser().post("/login", **right, code=site.code("ann")).status_code == 303


def test_many_tries_from_one_address_are_slowed_down(site: Site) -> None:
    statuses = [site.browser().post("/login", name=f"n{n}", password="x").status_code for n in range(21)]
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {401}


def test_an_unknown_name_looks_like_a_wrong_password(site: Site) -> None:
    site.hire("ann", "manager")
    answers = [site.browser().post("/login", name=name, password="wrong").text for name in ("ann", "nobody-here")]
    assert answers[0] == answers[1]


def test_idle_staff_are_logged_off(site: Site) -> None:
    browser = site.log_in("manager")
    site.clock.wait(timedelta(minutes=15))
    assert browser.get("/me/password").status_code == 200
    site.clock.wait(timedelta(minutes=21))
    assert "/login" in browser.get("/me/password").headers["location"]


def test_a_session_ends_after_a_long_day_even_if_busy(site: Site) -> None:
    browser = site.log_in("manager")
    for _ in range(50):
        site.clock.wait(timedelta(minutes=15))
        answer = browser.get("/me/password")
    assert "/login" in answer.headers["location"]


def test_a_planted_cookie_is_not_taken_over(site: Site) -> None:
    site.hire("ann", "manager")
    site.clock.wait(timedelta(minutes=1))
    browser = site.browser()
    browser.http.cookies.set("psoas_staff", "planted")
    answer = browser.post("/login", name="ann", password=PASSWORD, code=site.code("ann"))
    assert "planted" not in answer.headers["set-cookie"]
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=strict" in flags


def test_logging_out_ends_the_session_itself(site: Site) -> None:
    browser = site.log_in("manager")
    cookie = browser.http.cookies["psoas_staff"]
    browser.post("/logout")
    thief = site.browser()
    thief.http.cookies.set("psoas_staff", cookie)
    assert "/login" in thief.get("/me/password").headers["location"]


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example", "https://evil.example", "/\\evil.example", "/%0d%0aSet-Cookie:x=1", "/\r\nX: y",
        "javascript:1", "@evil", "https:evil.example", "/\\/evil.example", "/\t/evil.example", "///evil.example",
        "evil.example",
    ],
)  # fmt: skip
def test_no_way_out_of_the_console_after_the_login(wanted: str) -> None:
    target = safe_next(wanted)
    assert target.startswith("/")
    assert not target.startswith("//")
    assert "\\" not in target and "\t" not in target
    assert "\r" not in target and "\n" not in target and ":" not in target


def test_what_was_asked_for_comes_after_the_login(site: Site) -> None:
    site.hire("ann", "admin")
    site.clock.wait(timedelta(minutes=1))
    browser = site.browser()
    assert browser.get("/accounts").headers["location"] == "/staff/login?next=%2Faccounts"
    answer = browser.post("/login", name="ann", password=PASSWORD, code=site.code("ann"), next="/accounts")
    assert answer.headers["location"] == "/staff/accounts"


def test_an_unattended_screen_is_not_enough_for_a_new_second_factor(site: Site) -> None:
    browser = site.log_in("manager")
    page = browser.get("/me/second-factor")
    site.secrets["new"] = secret = re.search(r'name="secret" value="([A-Z2-7]+)"', page.text).group(1)
    fields = {"secret": secret, "code": site.code("new")}
    assert browser.post("/me/second-factor", **fields).status_code == 422
    assert browser.post("/me/second-factor", password="guess", **fields).status_code == 422
    assert browser.post("/me/second-factor", password=PASSWORD, **fields).status_code == 303


def test_scripts_and_styles_may_be_kept_for_a_while(site: Site) -> None:
    answer = site.browser().get("/static/console.css")
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert site.browser().get("/static/../app.py").status_code == 404


def test_words_in_the_address_do_not_become_headers_or_markup(site: Site) -> None:
    browser = site.log_in("admin")
    page = browser.get("/accounts", done='"><script>alert(1)</script>')
    assert "<script>alert" not in page.text
    answer = site.browser().get("/accounts%0d%0aX-Evil:%201")
    assert "x-evil" not in answer.headers


def test_pages_forbid_everything_foreign(site: Site) -> None:
    policy = site.browser().get("/login").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_an_unknown_address_says_so(site: Site) -> None:
    answer = site.browser().get("/nothing/here")
    assert answer.status_code == 404
    assert "nothing here" in answer.text


def test_a_password_that_an_admin_resets_ends_every_visit_and_must_be_changed(site: Site) -> None:
    admin, ann = site.log_in("admin"), site.log_in("manager", "ann")
    page = admin.get("/accounts").text
    number = re.search(r'/accounts/(\d+)"[^>]*>.*?', page[page.index(">ann<") :])
    assert number is not None
    shown = admin.post(f"/accounts/{number[1]}", do="password").text
    assert ann.get("/queue").headers["location"].startswith("/staff/login")
    site.clock.wait(timedelta(seconds=31))
    again = site.browser()
    assert again.post("/login", name="ann", password=PASSWORD, code=site.code("ann")).status_code == 401
    first = re.search(r"<(?:code|b|strong)[^>]*>([\w-]{16})<", shown)
    assert first is not None, "the new first password is shown once"
    assert first[1] not in admin.get("/accounts").text
    site.clock.wait(timedelta(minutes=2))
    assert again.post("/login", name="ann", password=first[1], code=site.code("ann")).status_code == 303
    assert again.get("/queue").headers["location"] == "/staff/me/password"
