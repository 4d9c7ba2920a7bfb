"""`lectern up` serves the web UI, and only its owner gets in."""

import httpx

from tests.web.stack import Stack


def test_the_owner_gets_in_with_a_link_that_works_once(running: Stack) -> None:
    address, link = running.web, running.owner_link

    with (
        httpx.Client(trust_env=False, timeout=60.0) as owner,
        httpx.Client(trust_env=False, timeout=60.0) as somebody,
    ):
        first = owner.get(link)
        second = somebody.get(link)
        page = owner.get(address, headers={"Accept": "text/html"})
        stranger = somebody.get(address, headers={"Accept": "text/html"})
        rebound = owner.get(f"{address}/login", headers={"Host": "evil.example"})

    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert second.status_code == 401
    assert page.status_code == 200
    assert (stranger.status_code, stranger.headers["location"]) == (303, "/login")
    assert rebound.status_code == 403
    assert {"front", "web"} <= {process["name"] for process in running.up.processes()}


def test_a_killed_web_ui_comes_back_at_the_same_address(running: Stack) -> None:
    up = running.up
    httpx.get(f"{up.running.web}/healthz", trust_env=False, timeout=60.0)
    (before,) = up.pids("web")

    up.kill_worker("web")

    assert up.eventually(lambda: [pid for pid in up.pids("web") if pid != before])
    again = httpx.get(f"{up.running.web}/healthz", trust_env=False, timeout=60.0)
    assert again.status_code == 200
