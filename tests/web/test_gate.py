import pytest
from starlette.websockets import WebSocketDisconnect

from tests.web.conftest import Site
from web.sealing import SESSION_COOKIE


def test_a_page_sends_whoever_is_not_signed_in_to_the_sign_in_page(site: Site) -> None:
    response = site.get("/library?collection=a")

    assert response.status_code == 303
    assert response.headers["location"] == "/login?next=%2Flibrary%3Fcollection%3Da"


def test_a_request_without_a_cookie_is_told_so_as_json(site: Site) -> None:
    response = site.get("/api/pages/abc/1.png", headers={"Accept": "image/png"})

    assert response.status_code == 401
    assert response.json()["code"] == "unauthorized"


def test_a_websocket_without_a_cookie_is_refused(site: Site) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        site.browser.websocket_connect("/ws", headers={"Origin": site.origin}),
    ):
        pass

    assert refused.value.code == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_websocket_of_another_site_is_refused_even_with_a_cookie(site: Site, origin: str) -> None:
    site.sign_in()

    with (
        pytest.raises(WebSocketDisconnect) as refused,
        site.browser.websocket_connect("/ws", headers={"Origin": origin}),
    ):
        pass

    assert refused.value.code == 4403


def test_a_websocket_of_this_site_gets_through_with_a_cookie(site: Site) -> None:
    site.sign_in()

    with site.browser.websocket_connect("/ws", headers={"Origin": site.origin}) as socket:
        assert socket.receive_text() == "welcome"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed_from_another_site(site: Site, method: str) -> None:
    site.sign_in()

    response = site.browser.request(
        method, "/api/uploads", headers={"Origin": "https://evil.example"}
    )

    assert (response.status_code, response.json()["code"]) == (403, "origin_refused")


def test_a_forged_cookie_opens_nothing(site: Site) -> None:
    site.sign_in()
    sealed = site.browser.cookies[SESSION_COOKIE].strip('"')
    site.browser.cookies.clear()
    site.browser.cookies.set(SESSION_COOKIE, sealed[:-8] + "AAAAAAA=")

    assert site.get("/library").status_code == 303


def test_headers_that_claim_an_identity_do_not_get_through(site: Site) -> None:
    site.sign_in()

    seen = site.get(
        "/media/picture", headers={"X-Auth-User": "admin", "x-auth-roles": "all"}
    ).json()

    assert not [name for name in seen if name.startswith("x-auth-")]


def test_an_address_that_is_no_page_says_so_in_the_readers_language(site: Site) -> None:
    site.sign_in()

    response = site.get("/no-such-page", headers={"Accept-Language": "ko"})

    assert response.status_code == 404
    assert "내용을 찾을 수 없습니다" in response.text
