"""Signing in through an OpenID provider: our own on loopback, good and bad."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.component.catalog_world import World, running_world
from tests.provider.oidc import CLIENT_ID, CLIENT_SECRET, Misbehaviour, OidcProvider

REDIRECT = "https://lectern.example/signed-in"
WorldWith = Callable[..., World]


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    with OidcProvider().running() as provider:
        yield provider


@pytest.fixture
def world_with(
    provider: OidcProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WorldWith]:
    """Start the function with settings about the provider, once per test."""
    running: list[Any] = []

    def start(**settings: str) -> World:
        monkeypatch.setenv("LECTERN_OIDC_ISSUER", provider.issuer)
        monkeypatch.setenv("LECTERN_OIDC_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("LECTERN_OIDC_CLIENT_SECRET", CLIENT_SECRET)
        for name, value in settings.items():
            monkeypatch.setenv(f"LECTERN_OIDC_{name.upper()}", value)
        world = running_world(tmp_path)
        running.append(world)
        return world.__enter__()

    yield start
    for world in running:
        world.__exit__(None, None, None)


@pytest.fixture
def world(world_with: WorldWith) -> World:
    return world_with()


def begin(world: World) -> dict[str, Any]:
    response = world.call("POST", "/v1/oidc/start", "anonymous", json={"redirect_uri": REDIRECT})
    assert response.status_code == 200, response.text
    return response.get_json()


def finish(world: World, begun: dict[str, Any], **sent_back: str) -> TestResponse:
    body = sent_back | {"browser_secret": begun["browser_secret"]}
    return world.call("POST", "/v1/oidc/finish", "anonymous", json=body)


def sign_in(world: World, provider: OidcProvider) -> TestResponse:
    begun = begin(world)
    return finish(world, begun, **provider.authorize(begun["authorization_url"]))


def me(world: World, token: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    return world.client.get("/v1/me", headers=headers).get_json()


def test_without_a_provider_there_is_no_such_way_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_world(tmp_path) as world:
        state = world.call("GET", "/v1/oidc", "anonymous").get_json()
        started = world.call("POST", "/v1/oidc/start", "anonymous", json={"redirect_uri": REDIRECT})

    assert state["enabled"] is False
    assert started.status_code == 404


def test_whom_the_provider_vouches_for_gets_an_account_and_a_session(
    world: World, provider: OidcProvider
) -> None:
    signed_in = sign_in(world, provider).get_json()

    assert me(world, signed_in["token"])["name"] == "jane"
    assert signed_in["user"]["display_name"] == "Jane Doe"
    assert signed_in["user"]["is_admin"] is False
    assert signed_in["user"]["has_password"] is False


def test_the_same_subject_is_the_same_user_whatever_their_name_is_now(
    world: World, provider: OidcProvider
) -> None:
    first = sign_in(world, provider).get_json()["user"]["user_id"]
    provider.person |= {"preferred_username": "jane.smith", "email": "smith@example.com"}

    again = sign_in(world, provider).get_json()["user"]["user_id"]
    provider.person |= {"sub": "another"}
    another = sign_in(world, provider).get_json()["user"]

    assert again == first
    assert another["user_id"] != first


def test_a_taken_name_gets_a_number_and_never_the_other_account(
    world: World, provider: OidcProvider
) -> None:
    provider.person |= {"preferred_username": "Owner"}

    user = sign_in(world, provider).get_json()["user"]

    assert user["name"] == "Owner-2"
    assert user["user_id"] != world.users["owner"].user_id


def test_discovery_and_keys_are_asked_for_once(world: World, provider: OidcProvider) -> None:
    sign_in(world, provider)
    sign_in(world, provider)

    assert provider.requests.count("/.well-known/openid-configuration") == 1
    assert provider.requests.count("/keys") == 1


def test_a_new_key_of_the_provider_is_fetched(world: World, provider: OidcProvider) -> None:
    assert world.needs.provider is not None
    world.needs.provider.keys_kept_s = 0.0
    assert sign_in(world, provider).status_code == 200
    provider.rotate()

    response = sign_in(world, provider)

    assert response.status_code == 200, response.text
    assert provider.requests.count("/keys") == 2


def test_unknown_keys_do_not_make_us_ask_again_and_again(
    world: World, provider: OidcProvider
) -> None:
    provider.misbehaviour = Misbehaviour(unknown_key=True)

    responses = [sign_in(world, provider) for _ in range(3)]

    assert {response.status_code for response in responses} == {401}
    assert provider.requests.count("/keys") == 1


@pytest.mark.parametrize(
    "misbehaviour",
    [
        pytest.param(Misbehaviour(claims={"nonce": "another"}), id="wrong nonce"),
        pytest.param(Misbehaviour(without=("nonce",)), id="no nonce"),
        pytest.param(Misbehaviour(claims={"aud": "another client"}), id="wrong audience"),
        pytest.param(Misbehaviour(claims={"aud": [CLIENT_ID, "b"], "azp": "b"}), id="wrong azp"),
        pytest.param(Misbehaviour(claims={"iss": "https://evil.example"}), id="wrong issuer"),
        pytest.param(Misbehaviour(claims={"exp": 1_000_000_000}), id="expired"),
        pytest.param(Misbehaviour(without=("exp",)), id="never expires"),
        pytest.param(Misbehaviour(claims={"iat": 4_000_000_000}), id="from the future"),
        pytest.param(Misbehaviour(claims={"sub": ""}), id="empty subject"),
        pytest.param(Misbehaviour(claims={"sub": 5}), id="subject is no text"),
        pytest.param(Misbehaviour(without=("sub",)), id="no subject"),
        pytest.param(Misbehaviour(claims={"at_hash": "AAAA"}), id="another access token"),
        pytest.param(Misbehaviour(algorithm="none"), id="alg none"),
        pytest.param(Misbehaviour(algorithm="HS256"), id="signed with the client secret"),
        pytest.param(Misbehaviour(unknown_key=True), id="unknown key"),
        pytest.param(Misbehaviour(tampered=True), id="tampered"),
        pytest.param(Misbehaviour(token_status=400), id="code refused"),
    ],
)
def test_a_token_that_proves_nothing_signs_nobody_in(
    world: World, provider: OidcProvider, misbehaviour: Misbehaviour
) -> None:
    before = len(world.needs.catalog.people.users())
    provider.misbehaviour = misbehaviour

    response = sign_in(world, provider)

    assert response.status_code == 401, response.text
    assert len(world.needs.catalog.people.users()) == before


def test_a_state_works_once(world: World, provider: OidcProvider) -> None:
    begun = begin(world)
    sent_back = provider.authorize(begun["authorization_url"])
    assert finish(world, begun, **sent_back).status_code == 200

    replayed = finish(world, begun, **provider.authorize(begun["authorization_url"]))

    assert (replayed.status_code, replayed.get_json()["code"]) == (401, "oidc_state")


def test_a_code_works_once(world: World, provider: OidcProvider) -> None:
    begun = begin(world)
    sent_back = provider.authorize(begun["authorization_url"])
    finish(world, begun, **sent_back)
    again = begin(world)

    reused = finish(world, again, **(sent_back | {"state": again["state"]}))

    assert (reused.status_code, reused.get_json()["code"]) == (401, "oidc_refused")


def test_a_state_does_not_work_in_another_browser(world: World, provider: OidcProvider) -> None:
    victims, attackers = begin(world), begin(world)
    sent_back = provider.authorize(attackers["authorization_url"])

    response = finish(world, victims, **sent_back)

    assert (response.status_code, response.get_json()["code"]) == (401, "oidc_state")


@pytest.mark.parametrize("iss", ["https://evil.example", ""])
def test_the_answer_of_another_provider_is_refused(
    world: World, provider: OidcProvider, iss: str
) -> None:
    begun = begin(world)
    sent_back = provider.authorize(begun["authorization_url"]) | {"iss": iss}

    response = finish(world, begun, **sent_back)

    assert response.status_code == 401
    assert "/token" not in provider.requests


def test_groups_and_administration_follow_the_provider_at_each_sign_in(
    world_with: WorldWith, provider: OidcProvider
) -> None:
    world = world_with(admin_group="ops")
    lawyers = world.needs.catalog.groups.create("Lawyers", oidc_group="legal")
    world.needs.catalog.groups.create("ops")
    provider.person["groups"] = ["legal", "ops"]
    first = sign_in(world, provider).get_json()["user"]

    provider.person["groups"] = ["sales"]
    later = sign_in(world, provider).get_json()["user"]

    assert first["is_admin"] is True
    assert [group["group_id"] for group in first["groups"]] == [lawyers.group_id]
    assert (later["is_admin"], later["groups"]) == (False, [])


def test_a_missing_claim_means_no_group(world_with: WorldWith, provider: OidcProvider) -> None:
    world = world_with(admin_group="ops")
    provider.person["groups"] = "ops"
    assert sign_in(world, provider).get_json()["user"]["is_admin"] is True
    del provider.person["groups"]

    assert sign_in(world, provider).get_json()["user"]["is_admin"] is False


def test_what_the_token_lacks_is_asked_of_userinfo(
    world_with: WorldWith, provider: OidcProvider
) -> None:
    world = world_with(admin_group="ops")
    del provider.person["groups"]
    provider.profile = {"groups": ["ops"]}

    assert sign_in(world, provider).get_json()["user"]["is_admin"] is True


def test_userinfo_about_somebody_else_is_refused(world: World, provider: OidcProvider) -> None:
    del provider.person["groups"]
    provider.profile = {"sub": "somebody else"}

    assert sign_in(world, provider).status_code == 401


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({}, 200, id="verified and allowed"),
        pytest.param({"email": "jane@EXAMPLE.com"}, 200, id="in capitals"),
        pytest.param({"email": "jane@evil.com"}, 403, id="another domain"),
        pytest.param({"email": "jane@example.com@evil.com"}, 403, id="two at signs"),
        pytest.param({"email": "jane@notexample.com"}, 403, id="ends alike"),
        pytest.param({"email_verified": False}, 403, id="not verified"),
        pytest.param({"email_verified": ["true"]}, 403, id="not a boolean"),
    ],
)
def test_only_allowed_domains_come_in(
    world_with: WorldWith, provider: OidcProvider, change: dict[str, Any], status: int
) -> None:
    world = world_with(allowed_domains="example.org, example.com")
    provider.person |= change

    assert sign_in(world, provider).status_code == status


@pytest.mark.parametrize(
    ("linking", "verified_there", "verified_here", "linked"),
    [
        ("false", True, True, False),
        ("true", True, True, True),
        ("true", False, True, False),
        ("true", True, False, False),
    ],
)
def test_an_account_is_linked_by_e_mail_only_if_both_sides_verified_it_and_it_is_switched_on(
    world_with: WorldWith,
    provider: OidcProvider,
    linking: str,
    *,
    verified_there: bool,
    verified_here: bool,
    linked: bool,
) -> None:
    world = world_with(link_verified_email=linking)
    provider.person["email_verified"] = verified_there
    owner = world.users["owner"].user_id
    world.needs.catalog.accounts.change(
        owner, email="Jane@example.com", email_verified=verified_here
    )

    user = sign_in(world, provider).get_json()["user"]

    assert (user["user_id"] == owner) is linked


def test_a_disabled_account_stays_out(world: World, provider: OidcProvider) -> None:
    user = sign_in(world, provider).get_json()["user"]
    world.needs.catalog.accounts.change(user["user_id"], disabled=True)

    response = sign_in(world, provider)

    assert (response.status_code, response.get_json()["code"]) == (403, "account_disabled")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/here", "https://a.example/#b"])
def test_only_the_address_of_a_page_can_be_sent_back_to(world: World, url: str) -> None:
    response = world.call("POST", "/v1/oidc/start", "anonymous", json={"redirect_uri": url})

    assert response.status_code == 400


def test_a_provider_that_is_away_is_said_so_and_may_come_back(
    world_with: WorldWith, provider: OidcProvider
) -> None:
    world = world_with(issuer="http://127.0.0.1:9")

    response = world.call("POST", "/v1/oidc/start", "anonymous", json={"redirect_uri": REDIRECT})

    assert (response.status_code, response.get_json()["code"]) == (503, "oidc_unavailable")


def test_a_provider_without_https_is_not_asked(world_with: WorldWith) -> None:
    world = world_with(issuer="http://login.example")

    response = world.call("POST", "/v1/oidc/start", "anonymous", json={"redirect_uri": REDIRECT})

    assert response.status_code == 503
    assert "not https" in response.get_json()["detail"]
