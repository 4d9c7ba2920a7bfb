import hashlib
from pathlib import Path

import pytest

from lectern.api import InvitationRequest
from tests.web.conftest import PASSWORD, Site, World, forget_settings
from web.routes.account import safe_path
from web.sealing import SESSION_COOKIE


def test_a_name_and_a_password_sign_in_and_lead_to_the_page_that_was_wanted(site: Site) -> None:
    response = site.post("/login", {"name": "reader", "password": PASSWORD, "next": "/library"})

    assert (response.status_code, response.headers["location"]) == (303, "/library")
    assert site.get("/library").status_code == 200


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(world: World) -> None:
    plain, secure = Site().sign_in(), Site(secure=True).sign_in()

    cookie = next(c for c in plain.headers.get_list("set-cookie") if SESSION_COOKIE in c)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert world.tokens["reader"][:6] not in cookie, "the token must not be readable"
    assert "Secure" not in cookie
    assert "Secure" in secure.headers["set-cookie"]


@pytest.mark.parametrize("days", [3, 60])
def test_the_cookie_lives_as_long_as_the_settings_say(
    world: World, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    monkeypatch.setenv("LECTERN_WEB_SESSION_DAYS", str(days))
    forget_settings()
    try:
        response = Site().sign_in()
    finally:
        monkeypatch.undo()
        forget_settings()

    cookie = next(c for c in response.headers.get_list("set-cookie") if SESSION_COOKIE in c)
    life_s = int(cookie.partition("Max-Age=")[2].partition(";")[0])
    assert abs(life_s - days * 86_400) < 60


def test_a_wrong_password_is_answered_in_words_and_keeps_the_name(site: Site) -> None:
    response = site.post("/login", {"name": "nobody-at-all", "password": "wrong password"})

    assert response.status_code == 401
    assert "do not match" in response.text
    assert 'value="nobody-at-all"' in response.text
    assert SESSION_COOKIE not in response.headers.get("set-cookie", "")


def test_too_many_wrong_passwords_lock_the_name_out_for_a_while(site: Site) -> None:
    statuses = {}
    for _ in range(30):
        response = site.post("/login", {"name": "locked", "password": "wrong password"})
        statuses[response.status_code] = response.text
        if response.status_code == 429:
            break

    assert "Too many attempts" in statuses[429]


def test_a_form_without_its_secret_is_refused(site: Site) -> None:
    site.get("/login")

    response = site.browser.post(
        "/login",
        data={"form": "guessed", "name": "reader", "password": PASSWORD},
        headers={"Origin": site.origin},
    )

    assert response.status_code == 403
    assert SESSION_COOKIE not in response.headers.get("set-cookie", "")


def test_the_secret_of_one_browser_does_not_work_in_another(world: World) -> None:
    mine, theirs = Site(), Site()
    secret = mine.secret("/login")
    theirs.get("/login")

    response = theirs.browser.post(
        "/login",
        data={"form": secret, "name": "reader", "password": PASSWORD},
        headers={"Origin": theirs.origin},
    )

    assert response.status_code == 403


def test_signing_out_ends_the_session_itself_not_only_the_cookie(site: Site, world: World) -> None:
    site.sign_in()
    kept = dict(site.browser.cookies)

    response = site.post("/logout", {})

    assert (response.status_code, response.headers["location"]) == (303, "/login")
    site.browser.cookies.update(kept)
    picture = site.get("/api/pages/abc/1.png")
    assert picture.status_code == 401, "the token in the old cookie must be useless"


def test_a_link_alone_signs_nobody_out(site: Site) -> None:
    site.sign_in()

    page = site.get("/logout")

    assert page.status_code == 200
    assert site.get("/library").status_code == 200


@pytest.mark.parametrize(
    ("accepted", "title"),
    [("ko-KR,ko;q=0.9,en;q=0.5", "로그인"), ("en-GB,ko;q=0.5", "Sign in"), ("fr", "Sign in")],
)
def test_the_sign_in_page_speaks_the_browsers_language(
    site: Site, accepted: str, title: str
) -> None:
    response = site.get("/login", headers={"Accept-Language": accepted})

    assert f"<h1>{title}</h1>" in response.text


def test_a_language_that_was_chosen_stays(site: Site) -> None:
    site.get("/login?language=ko")

    assert "<h1>로그인</h1>" in site.get("/login").text


def test_an_invitation_makes_an_account_and_signs_it_in_once(site: Site, world: World) -> None:
    invitation = world.lectern("admin").invitations.create(InvitationRequest())
    path = f"/invite/{invitation.secret}"
    fields = {"name": "invited", "password": PASSWORD, "again": PASSWORD}

    first = site.post(path, fields)
    second = Site().post(path, fields | {"name": "another"})

    assert first.headers.get("location") == "/", first.text
    assert second.status_code == 404
    assert "used, withdrawn, or has expired" in second.text


def test_two_different_passwords_make_no_account(site: Site, world: World) -> None:
    invitation = world.lectern("admin").invitations.create(InvitationRequest())

    response = site.post(
        f"/invite/{invitation.secret}",
        {"name": "slip", "password": PASSWORD, "again": PASSWORD + "!"},
    )

    assert response.status_code == 400
    assert "not the same" in response.text
    assert PASSWORD not in response.text


def test_there_is_no_setup_once_somebody_has_an_account(site: Site) -> None:
    response = site.get("/setup")

    assert (response.status_code, response.headers["location"]) == (303, "/login")


def test_a_one_time_link_signs_the_owner_in_once(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token_file = tmp_path / "owner-token"
    token_file.write_text(world.tokens["admin"])
    (tmp_path / "sign-in").mkdir()
    (tmp_path / "sign-in" / hashlib.sha256(b"a-code").hexdigest()).touch()
    monkeypatch.setenv("LECTERN_WEB_OWNER_TOKEN_FILE", str(token_file))
    forget_settings()

    first = Site().get("/login?code=a-code")
    second = Site().get("/login?code=a-code")
    monkeypatch.delenv("LECTERN_WEB_OWNER_TOKEN_FILE")
    forget_settings()

    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert second.status_code == 401
    assert "used already" in second.text


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "/a\nb", "x"]
)
def test_nobody_is_sent_to_another_site_after_signing_in(wanted: str) -> None:
    assert safe_path(wanted) == "/"
