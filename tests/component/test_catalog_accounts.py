"""Accounts over HTTP: signing in, sessions, scopes, users, invitations, groups, the audit log."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from functions.catalog.addresses import networks
from functions.catalog.attempts import Vouchers, by_address, client_address
from lectern.documents import new_id
from lectern.passwords import hash_password
from lectern.vouching import HEADER, vouch
from tests.component import rights_accounts
from tests.component.catalog_world import World, running_world

PASSWORD = "a password of mine"
ADMIN = "administrator"
CHANGES = {route for route in rights_accounts.ROUTES if not route.startswith("GET ")}
MEMBERS = {route for route in CHANGES if "/members/" in route}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("home")) as world:
        yield world


@pytest.fixture
def world(shared: World) -> World:
    """The shared function after whoever tried before has gone home."""
    return World(shared.client, shared.needs, shared.sink, dict(shared.users), dict(shared.secrets))


def person(world: World, name: str = "", **options: Any) -> dict[str, str]:
    """Return a new user with a password of their own."""
    name = name or f"user {new_id()}"
    account = world.needs.catalog.accounts.create(name, **options)
    world.needs.catalog.accounts.set_password(account.user.user_id, hash_password(PASSWORD))
    return {"user_id": account.user.user_id, "name": name}


def login(world: World, name: str, password: str = PASSWORD, **headers: str) -> TestResponse:
    body = {"name": name, "password": password}
    return world.call("POST", "/v1/login", "anonymous", json=body, headers=headers)


def with_token(world: World, token: str) -> str:
    """Return the name under which `world.call` sends this token."""
    who = f"bearer {new_id()}"
    world.secrets[who] = token  # type: ignore[index]  # the fixture made it a dict of the test's own
    return who


def signed_in(world: World, **options: Any) -> tuple[str, dict[str, str]]:
    """Return how a new user with a session calls, and who that is."""
    somebody = person(world, **options)
    return with_token(world, login(world, somebody["name"]).get_json()["token"]), somebody


def code_of(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["code"]


# --- signing in -------------------------------------------------------------------------------


def test_a_name_in_any_case_and_its_password_begin_a_session(world: World) -> None:
    somebody = person(world)
    firefox = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"

    response = login(world, somebody["name"].upper(), **{"User-Agent": firefox})

    me = with_token(world, response.get_json()["token"])
    assert response.get_json()["user"]["user_id"] == somebody["user_id"]
    (session,) = world.call("GET", "/v1/sessions", me).get_json()["sessions"]
    assert (session["label"], session["current"]) == ("Firefox, Windows", True)


def test_a_wrong_password_and_an_unknown_name_look_alike(world: World) -> None:
    somebody = person(world)
    program = world.users["viewer"].name

    wrong = login(world, somebody["name"], "not the password")
    unknown = login(world, f"nobody {new_id()}")
    without = login(world, program)

    assert {code_of(r) for r in (wrong, unknown, without)} == {(401, "wrong_password")}
    assert len({r.get_json()["detail"] for r in (wrong, unknown, without)}) == 1


def test_an_unknown_name_costs_as_much_work_as_a_wrong_password(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from argon2 import PasswordHasher

    checked: list[str] = []
    original = PasswordHasher.verify

    def verify(hasher: PasswordHasher, against: Any, password: Any) -> Any:
        checked.append(str(against)[:30])
        return original(hasher, against, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    login(world, person(world)["name"], "wrong password")
    login(world, f"nobody {new_id()}")
    login(world, world.users["viewer"].name)

    assert len(checked) == 3
    assert len(set(checked)) == 1, "all with today's parameters"


@pytest.mark.parametrize("known", [True, False])
def test_a_name_is_locked_for_a_while_after_too_many_attempts(world: World, *, known: bool) -> None:
    name = person(world)["name"] if known else f"nobody {new_id()}"
    first = [login(world, name, "wrong password").status_code for _ in range(8)]

    locked = login(world, name.upper())

    assert first == [401] * 8
    assert code_of(locked) == (429, "too_many_attempts")
    assert 0 < int(locked.headers["Retry-After"]) <= 30


def test_signing_in_forgets_the_attempts_before(world: World) -> None:
    name = person(world)["name"]
    for _ in range(2):
        for _ in range(7):
            login(world, name, "wrong password")
        assert login(world, name).status_code == 200


def test_an_address_is_locked_after_many_names(world: World) -> None:
    here = {"X-Forwarded-For": "203.0.113.7"}
    for _ in range(59):
        world.needs.catalog.sign_in_limits.admit(by_address("sign-in", "203.0.113.7"))

    statuses = [login(world, f"nobody {n}", **here).status_code for n in range(2)]

    assert statuses == [401, 429]
    assert login(world, person(world)["name"], **here).status_code == 429
    assert login(world, person(world)["name"]).status_code == 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),  # nobody vouches for the header
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.66, 198.51.100.1", "198.51.100.1"),  # the first is forged
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),  # two proxies
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_a_caller_is_whom_the_trusted_proxies_vouch_for(
    peer: str, forwarded: str, address: str
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    environ = {"REMOTE_ADDR": peer}

    with Flask("here").test_request_context(headers=headers, environ_overrides=environ):
        assert client_address(Vouchers(networks("10.0.0.0/8, 127.0.0.1"))) == address


@pytest.mark.parametrize(
    ("stated", "address"),
    [
        pytest.param(vouch("203.0.113.7", "ours"), "203.0.113.7", id="the web UI's word"),
        pytest.param(vouch("203.0.113.7", "theirs"), "10.0.0.4", id="forged"),
        pytest.param(vouch("203.0.113.7", "ours").replace("203", "198"), "10.0.0.4", id="altered"),
        pytest.param(vouch("nonsense", "ours"), "10.0.0.4", id="no address"),
        pytest.param("203.0.113.7 0 00", "10.0.0.4", id="old"),
        pytest.param("", "10.0.0.4", id="nobody's"),
    ],
)
def test_behind_knatives_proxies_only_the_web_ui_says_whose_request_it_is(
    stated: str, address: str
) -> None:
    """A pod at 10.0.0.3 claims something; gateway, activator and queue proxy add their peers."""
    headers = {"X-Forwarded-For": "198.51.100.1, 10.0.0.3, 10.0.0.9, 10.0.0.4", HEADER: stated}
    environ = {"REMOTE_ADDR": "127.0.0.1"}

    with Flask("here").test_request_context(headers=headers, environ_overrides=environ):
        assert client_address(Vouchers(networks("127.0.0.0/8"), "ours")) == address


def test_an_ipv6_network_is_one_address() -> None:
    one, other = by_address("a", "2001:db8::1"), by_address("a", "2001:db8::ffff:2")

    assert one == other
    assert by_address("a", "2001:db8:0:1::1") != one
    assert by_address("b", "2001:db8::1") != one


def test_a_disabled_account_learns_that_only_with_its_password(world: World) -> None:
    somebody = person(world)
    world.needs.catalog.accounts.change(somebody["user_id"], disabled=True)

    assert code_of(login(world, somebody["name"], "wrong password")) == (401, "wrong_password")
    assert code_of(login(world, somebody["name"])) == (403, "account_disabled")


def test_a_hash_of_older_parameters_is_made_anew(world: World) -> None:
    from argon2 import PasswordHasher

    somebody = person(world)
    accounts = world.needs.catalog.accounts
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    accounts.set_password(somebody["user_id"], old)

    assert login(world, somebody["name"]).status_code == 200

    credential = accounts.credential(somebody["name"])
    assert credential is not None
    assert credential.password_hash.startswith("$argon2id$v=19$m=32768,t=3,p=1$")
    assert login(world, somebody["name"]).status_code == 200


# --- sessions ---------------------------------------------------------------------------------


def test_signing_out_ends_this_session_alone(world: World) -> None:
    first, somebody = signed_in(world)
    second = with_token(world, login(world, somebody["name"]).get_json()["token"])

    assert world.call("POST", "/v1/logout", first).status_code == 204

    assert world.call("GET", "/v1/me", first).status_code == 401
    assert world.call("GET", "/v1/me", second).status_code == 200


def test_a_session_can_be_ended_from_another_one_of_the_same_user(world: World) -> None:
    first, somebody = signed_in(world)
    second = with_token(world, login(world, somebody["name"]).get_json()["token"])
    listed = world.call("GET", "/v1/sessions", second).get_json()["sessions"]
    other = next(s["session_id"] for s in listed if not s["current"])

    world.call("DELETE", f"/v1/sessions/{other}", "stranger")
    assert world.call("GET", "/v1/me", first).status_code == 200
    world.call("DELETE", f"/v1/sessions/{other}", second)

    assert world.call("GET", "/v1/me", first).status_code == 401


def test_an_unrestricted_token_can_be_exchanged_for_a_session(world: World) -> None:
    response = world.call("POST", "/v1/sessions", "owner")

    me = with_token(world, response.get_json()["token"])
    assert world.call("GET", "/v1/me", me).get_json()["name"] == "owner"


# --- the caller -------------------------------------------------------------------------------


def test_people_say_about_themselves_what_they_like_but_no_more(world: World) -> None:
    me, _ = signed_in(world)

    changed = world.call(
        "PATCH", "/v1/me", me, json={"display_name": "Ann", "language": "ko", "email": "a@b.c"}
    ).get_json()
    kept = world.call("PATCH", "/v1/me", me, json={"language": "en"}).get_json()
    refused = world.call("PATCH", "/v1/me", me, json={"is_admin": True})

    assert (changed["display_name"], changed["language"], changed["email"]) == (
        "Ann",
        "ko",
        "a@b.c",
    )
    assert (kept["display_name"], kept["language"]) == ("Ann", "en")
    assert refused.status_code == 400


def test_changing_a_password_takes_the_current_one_and_ends_other_sessions(world: World) -> None:
    me, somebody = signed_in(world)
    elsewhere = with_token(world, login(world, somebody["name"]).get_json()["token"])
    wrong = {"current": "not the password", "new": "something else"}
    right = {"current": PASSWORD, "new": "something else"}

    assert code_of(world.call("POST", "/v1/me/password", me, json=wrong)) == (
        403,
        "wrong_password",
    )
    assert world.call("POST", "/v1/me/password", me, json=right).status_code == 200

    assert world.call("GET", "/v1/me", me).status_code == 200
    assert world.call("GET", "/v1/me", elsewhere).status_code == 401
    assert login(world, somebody["name"]).status_code == 401
    assert login(world, somebody["name"], "something else").status_code == 200


def test_whoever_found_an_open_session_cannot_guess_the_password_with_it(world: World) -> None:
    me, _ = signed_in(world)
    body = {"current": "guess", "new": "something else"}

    statuses = [world.call("POST", "/v1/me/password", me, json=body).status_code for _ in range(9)]

    assert statuses == [403] * 8 + [429]


@pytest.mark.parametrize(
    "weak",
    ["short", "123456789", "password123", "QWERTYUIOP", "aaaaaaaaaaaa", "abababababab", PASSWORD],
)
def test_a_weak_password_is_refused(world: World, weak: str) -> None:
    me, _ = signed_in(world)

    response = world.call("POST", "/v1/me/password", me, json={"current": PASSWORD, "new": weak})

    assert code_of(response) == (400, "weak_password")


def test_the_same_password_typed_on_another_keyboard_is_the_same(world: World) -> None:
    me, somebody = signed_in(world)
    composed, decomposed = "caf\u00e9 caf\u00e9 caf\u00e9", "cafe\u0301 cafe\u0301 cafe\u0301"
    body = {"current": PASSWORD, "new": composed}

    world.call("POST", "/v1/me/password", me, json=body)

    assert login(world, somebody["name"], decomposed).status_code == 200


# --- keys and scopes --------------------------------------------------------------------------


def key(world: World, who: str, *scopes: str, **options: Any) -> str:
    body = {"label": "key", "scopes": scopes} | options
    response = world.call("POST", "/v1/api-keys", who, json=body)
    assert response.status_code == 201, response.text
    return with_token(world, response.get_json()["secret"])


def test_a_key_shows_its_secret_once_and_its_beginning_always(world: World) -> None:
    me, _ = signed_in(world)
    made = world.call("POST", "/v1/api-keys", me, json={"label": "laptop"}).get_json()

    (listed,) = world.call("GET", "/v1/api-keys", me).get_json()["api_keys"]

    assert listed["secret"] is None
    assert made["secret"].startswith(listed["prefix"])
    assert listed["scopes"] == ["read", "write"]


@pytest.mark.parametrize("route", sorted(CHANGES - {"POST /v1/logout"}))
def test_a_key_for_reading_changes_nothing(world: World, route: str) -> None:
    reader = key(world, ADMIN, "read")
    method, path = rights_accounts.path_of(route)

    response = world.call(method, path, reader, json=rights_accounts.BODIES.get(route, {}))

    assert code_of(response) == (403, "insufficient_scope")


@pytest.mark.parametrize("route", sorted(rights_accounts.ADMINISTRATORS))
def test_administration_takes_an_administrator_with_a_key_for_it(world: World, route: str) -> None:
    method, path = rights_accounts.path_of(route)
    body = rights_accounts.BODIES.get(route, {})
    writer = key(world, ADMIN, "read", "write")

    refused = world.call(method, path, writer, json=body)
    allowed = world.call(method, path, ADMIN, json=body)

    assert code_of(refused) == (403, "insufficient_scope")
    assert allowed.status_code == rights_accounts.ADMINISTRATORS[route], allowed.text


def test_an_administrators_key_without_that_scope_sees_only_what_is_shared(world: World) -> None:
    shelf = world.shelf()
    writer = key(world, ADMIN, "read", "write")

    assert world.call("GET", shelf.path, ADMIN).status_code == 200
    assert world.call("GET", shelf.path, writer).status_code == 404
    assert world.call("GET", "/v1/me", writer).get_json()["is_admin"] is False


def test_a_key_for_reading_reads_and_never_writes_in_a_collection(world: World) -> None:
    shelf = world.shelf()
    reader = key(world, "owner", "read")

    assert world.call("GET", shelf.path, reader).status_code == 200
    assert world.call("DELETE", shelf.path, reader).status_code == 403
    assert shelf.post(who=reader).status_code == 403


def test_a_key_without_reading_reads_nothing(world: World) -> None:
    writer = key(world, "owner", "write")

    assert code_of(world.call("GET", "/v1/collections", writer)) == (403, "insufficient_scope")


def test_a_key_makes_none_that_can_do_more_or_lives_longer(world: World) -> None:
    parent = key(world, "owner", "read", "write", expires_in_days=5)
    more = world.call(
        "POST", "/v1/api-keys", parent, json={"label": "k", "scopes": ["read", "admin"]}
    )
    child = world.call("POST", "/v1/api-keys", parent, json={"label": "k"}).get_json()
    listed = world.call("GET", "/v1/api-keys", "owner").get_json()["api_keys"]

    assert code_of(more) == (403, "insufficient_scope")
    parents_end = min(k["expires_at"] for k in listed if k["expires_at"])
    assert child["expires_at"] == parents_end


def test_nobody_gets_a_key_for_administration_who_is_no_administrator(world: World) -> None:
    me, _ = signed_in(world)

    response = world.call("POST", "/v1/api-keys", me, json={"label": "k", "scopes": ["admin"]})

    assert response.status_code == 403


def test_a_limited_key_gets_itself_neither_a_session_nor_a_password(world: World) -> None:
    name = f"program {new_id()}"
    user = world.needs.catalog.people.create_user(name)
    _, secret = world.needs.catalog.people.create_token(user.user_id, "k", scopes=["read", "write"])
    limited = with_token(world, secret)
    body = {"current": "", "new": "a password for me"}

    assert world.call("POST", "/v1/sessions", limited).status_code == 403
    assert world.call("POST", "/v1/me/password", limited, json=body).status_code == 403
    assert login(world, name, "a password for me").status_code == 401


# --- users ------------------------------------------------------------------------------------


def test_a_new_user_changes_the_temporary_password_before_anything_else(world: World) -> None:
    body = {"name": f"new {new_id()}", "email": "New@Example.com"}
    made = world.call("POST", "/v1/users", ADMIN, json=body).get_json()
    temporary = made["temporary_password"]
    begun = login(world, body["name"], temporary).get_json()
    me = with_token(world, begun["token"])

    assert begun["user"]["must_change_password"] is True
    assert code_of(world.call("GET", "/v1/collections", me)) == (403, "password_change_required")
    change = {"current": temporary, "new": "one of my own"}
    assert world.call("POST", "/v1/me/password", me, json=change).status_code == 200
    assert world.call("GET", "/v1/collections", me).status_code == 200
    assert "temporary" not in world.call("GET", "/v1/users", ADMIN).text.replace(
        '"temporary_password":null', ""
    )


def test_an_administrator_resets_a_password_and_ends_the_sessions(world: World) -> None:
    me, somebody = signed_in(world)

    reset = world.call(
        "PATCH", f"/v1/users/{somebody['user_id']}", ADMIN, json={"reset_password": True}
    ).get_json()

    assert world.call("GET", "/v1/me", me).status_code == 401
    assert login(world, somebody["name"]).status_code == 401
    assert login(world, somebody["name"], reset["temporary_password"]).status_code == 200


def test_users_are_found_page_by_page(world: World) -> None:
    mark = new_id()
    for number in range(3):
        person(world, f"{mark} {number}")

    first = world.call("GET", f"/v1/users?query={mark}&limit=2", ADMIN).get_json()
    second = world.call(
        "GET", f"/v1/users?query={mark}&limit=2&cursor={first['cursor']}", ADMIN
    ).get_json()

    names = [user["name"] for user in first["users"] + second["users"]]
    assert names == [f"{mark} {n}" for n in range(3)]
    assert second["cursor"] == ""


def test_a_removed_user_is_gone_with_what_they_had(world: World) -> None:
    me, somebody = signed_in(world)
    world.call("POST", "/v1/collections", me, json={"name": "mine"})
    path = f"/v1/users/{somebody['user_id']}"

    refused = world.call("DELETE", path, ADMIN)
    heir = world.users["owner"].user_id
    done = world.call("DELETE", f"{path}?transfer_to={heir}", ADMIN)

    assert code_of(refused) == (400, "user_owns_content")
    assert done.status_code == 204
    assert world.call("GET", "/v1/me", me).status_code == 401
    owned = world.call("GET", "/v1/collections", "owner").get_json()["collections"]
    assert "mine" in {collection["name"] for collection in owned}


# --- invitations and groups -------------------------------------------------------------------


def test_an_invitation_makes_one_account_with_its_grants(world: World) -> None:
    shelf = world.shelf()
    body = {
        "email": "guest@example.com",
        "grants": [{"collection": shelf.collection.slug, "role": "editor"}],
    }
    invited = world.call("POST", "/v1/invitations", ADMIN, json=body).get_json()
    acceptance = {"secret": invited["secret"], "name": f"guest {new_id()}", "password": PASSWORD}

    accepted = world.call("POST", "/v1/invitations/accept", "anonymous", json=acceptance)
    again = world.call(
        "POST", "/v1/invitations/accept", "anonymous", json=acceptance | {"name": "other"}
    )

    assert accepted.status_code == 201, accepted.text
    guest = with_token(world, accepted.get_json()["token"])
    assert world.call("GET", shelf.path, guest).get_json()["role"] == "editor"
    assert accepted.get_json()["user"]["email"] == "guest@example.com"
    assert code_of(again) == (404, "invitation_void")


def test_invitations_are_listed_without_their_secret_and_withdrawn(world: World) -> None:
    invited = world.call("POST", "/v1/invitations", ADMIN, json={}).get_json()
    listed = world.call("GET", "/v1/invitations", ADMIN).get_json()["invitations"]
    world.call("DELETE", f"/v1/invitations/{invited['invitation_id']}", ADMIN)
    acceptance = {"secret": invited["secret"], "name": "late", "password": PASSWORD}

    response = world.call("POST", "/v1/invitations/accept", "anonymous", json=acceptance)

    assert {each["secret"] for each in listed} == {None}
    assert response.status_code == 404


def test_an_invitation_to_what_does_not_exist_is_refused(world: World) -> None:
    body = {"grants": [{"collection": "gone"}]}

    assert world.call("POST", "/v1/invitations", ADMIN, json=body).status_code == 404


def test_groups_are_shown_to_their_members(world: World) -> None:
    me, somebody = signed_in(world)
    name = f"Editors {new_id()}"
    group = world.call("POST", "/v1/groups", ADMIN, json={"name": name}).get_json()["group_id"]

    world.call("PUT", f"/v1/groups/{group}/members/{somebody['user_id']}", ADMIN)

    members = world.call("GET", f"/v1/groups/{group}/members", ADMIN).get_json()["members"]
    assert [member["name"] for member in members] == [somebody["name"]]
    groups = world.call("GET", "/v1/me", me).get_json()["groups"]
    assert groups == [{"group_id": group, "name": name}]
    world.call("DELETE", f"/v1/groups/{group}/members/{somebody['user_id']}", ADMIN)
    assert world.call("GET", "/v1/me", me).get_json()["groups"] == []


# --- the first administrator ------------------------------------------------------------------


def test_the_first_administrator_is_made_once(tmp_path: Path) -> None:
    with running_world(tmp_path) as world:
        for user in world.users.values():
            for token in world.needs.catalog.people.tokens(user.user_id):
                world.needs.catalog.people.revoke_token(user.user_id, token.token_id)
        weak = {"name": "boss", "password": "1234567890"}
        good = {"name": "boss", "password": PASSWORD}
        assert world.call("GET", "/v1/setup", "anonymous").get_json() == {"needed": True}
        refused = world.call("POST", "/v1/setup", "anonymous", json=weak)
        done = world.call("POST", "/v1/setup", "anonymous", json=good)
        again = world.call("POST", "/v1/setup", "anonymous", json=good | {"name": "thief"})
        needed = world.call("GET", "/v1/setup", "anonymous").get_json()["needed"]

    assert code_of(refused) == (400, "weak_password")
    assert (done.status_code, done.get_json()["user"]["is_admin"]) == (201, True)
    assert code_of(again) == (403, "setup_done")
    assert needed is False


# --- the audit log ----------------------------------------------------------------------------


def test_the_audit_log_tells_who_did_what_without_secrets(world: World) -> None:
    me, somebody = signed_in(world)
    login(world, somebody["name"], "wrong password")
    made = world.call("POST", "/v1/users", ADMIN, json={"name": f"new {new_id()}"}).get_json()
    key(world, me, "read")

    everything = world.call("GET", "/v1/audit?limit=500", ADMIN)
    about = world.call("GET", f"/v1/audit?subject={made['user_id']}", ADMIN).get_json()
    by_me = world.call("GET", f"/v1/audit?actor={somebody['user_id']}", ADMIN).get_json()
    failed = world.call("GET", "/v1/audit?action=sign_in.failed", ADMIN).get_json()

    (entry,) = about["entries"]
    assert (entry["action"], entry["actor_name"]) == ("user.created", ADMIN)
    assert [e["action"] for e in by_me["entries"]] == ["api_key.created", "session.begun"]
    assert somebody["user_id"] in {e["subject"] for e in failed["entries"]}
    for secret in ("lcs_", "lct_", "lci_", "argon2", PASSWORD, made["temporary_password"]):
        assert secret not in everything.text


@pytest.mark.parametrize(
    "path",
    [
        "/v1/usage?until=0001-01-01",
        "/v1/usage?since=0001-01-01&until=0001-01-02",
        "/v1/audit?since=0001-01-01T00:00:00%2B14:00",
        "/v1/audit?until=9999-12-31T23:59:59-14:00",
        "/v1/conversations?cursor={moment}",
    ],
)
def test_the_ends_of_the_calendar_break_nothing(world: World, path: str) -> None:
    first = json.dumps([True, "0001-01-01T00:00:00+14:00", "x"]).encode()

    response = world.call("GET", path.format(moment=b64encode(first).decode()), ADMIN)

    assert response.status_code in {200, 400}


def test_every_change_about_documents_is_in_the_audit_log(world: World) -> None:
    shelf = world.shelf()
    document = shelf.upload()
    path = f"/v1/documents/{document['document_id']}"
    other = shelf.upload(b"other", "b.txt")
    world.call("PATCH", path, "owner", json={"tags": ["x"]})
    world.call("POST", f"{path}/reprocess", "owner")
    bulk = {"ids": [other["document_id"]], "action": "delete"}
    world.call("POST", f"{shelf.path}/documents/bulk", "owner", json=bulk)
    world.call("POST", f"{shelf.path}/reembed", "owner")
    talk = world.call("POST", "/v1/conversations", "owner", json={}).get_json()
    world.call("DELETE", f"/v1/conversations/{talk['conversation_id']}", "owner")

    told = world.call("GET", "/v1/audit?limit=100", ADMIN).get_json()["entries"]

    about = [e["action"] for e in told if e["subject"] == document["document_id"]]
    assert about == ["document.reprocessed", "document.changed", "document.uploaded"]
    deleted = next(e for e in told if e["action"] == "documents.delete")
    assert other["document_id"] in str(deleted["detail"])
    actions = {e["action"] for e in told}
    assert {"collection.reembedded", "conversation.deleted"} <= actions


def test_a_password_reset_lets_somebody_in_who_was_locked_out(world: World) -> None:
    _, somebody = signed_in(world)
    for _ in range(9):
        locked = login(world, somebody["name"], "wrong password")
    assert locked.status_code == 429

    reset = world.call(
        "PATCH", f"/v1/users/{somebody['user_id']}", ADMIN, json={"reset_password": True}
    ).get_json()

    assert login(world, somebody["name"], reset["temporary_password"]).status_code == 200


def test_every_change_about_accounts_is_in_the_audit_log(tmp_path: Path) -> None:
    with running_world(tmp_path) as world:
        group = world.needs.catalog.groups.create("Editors").group_id
        others = sorted(CHANGES - MEMBERS, reverse=True)
        for route in [*sorted(MEMBERS, reverse=True), *others]:
            method, path = rights_accounts.path_of(route)
            target = world.users["stranger"].user_id
            path = path.replace("/users/none", f"/users/{target}")
            path = path.replace("/groups/none/members/none", f"/groups/{group}/members/{target}")
            before = world.needs.catalog.audit.list(limit=500)[0]
            response = world.call(method, path, ADMIN, json=rights_accounts.BODIES.get(route, {}))
            after = world.needs.catalog.audit.list(limit=500)[0]

            assert response.status_code < 300, (route, response.text)
            assert len(after) == len(before) + 1 or route == "POST /v1/logout", route
