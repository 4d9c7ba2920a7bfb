"""Single sign-on in a real browser, through every redirect, with a provider good and bad."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.provider.oidc import Misbehaviour, OidcProvider
from tests.web.stack import ADMIN_GROUP, DOMAIN, Stack
from web.language import text
from web.routes.provider import OIDC_COOKIE
from web.sealing import SESSION_COOKIE

PATIENCE_MS = 60_000


@pytest.fixture
def provider(running: Stack) -> Iterator[OidcProvider]:
    """The provider, honest again in the end."""
    yield running.provider
    running.provider.misbehaviour = Misbehaviour()


@pytest.fixture(params=["en-GB", "ko-KR"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    with browser.new_context(locale=request.param) as context:
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield context


def says(context: BrowserContext, key: str) -> str:
    """Return a string in the language of this browser."""
    page = context.pages[0]
    language = page.evaluate("navigator.language")[:2]
    return text(language, key)


def knows(provider: OidcProvider, name: str, *groups: str, domain: str = DOMAIN) -> None:
    """Let the provider sign in this person from now on."""
    provider.person = {
        "sub": f"subject-of-{name}",
        "preferred_username": name,
        "email": f"{name}@{domain}",
        "email_verified": True,
        "groups": list(groups),
    }


def sign_in(context: BrowserContext, running: Stack, wanted: str = "/") -> Page:
    """Go where one wants to, and press the button of the provider on the way."""
    page = context.pages[0] if context.pages else context.new_page()
    page.goto(running.web + wanted)
    page.locator('a[href^="/auth/oidc/start"]').click()
    return page


def is_signed_in(context: BrowserContext) -> bool:
    return SESSION_COOKIE in {cookie["name"] for cookie in context.cookies()}


def is_told(context: BrowserContext, key: str) -> None:
    """The page says what went wrong, offers the form, and signs nobody in."""
    page = context.pages[0]
    expect(page.get_by_text(says(context, key))).to_be_visible()
    expect(page.locator("#password")).to_be_visible()
    assert not is_signed_in(context)


def test_the_provider_leads_back_to_the_page_that_was_wanted(
    context: BrowserContext, running: Stack, provider: OidcProvider
) -> None:
    knows(provider, "olga")

    page = sign_in(context, running, "/library")

    page.wait_for_url(f"{running.web}/library")
    expect(page.locator(".lectern-account")).to_contain_text("olga")
    assert is_signed_in(context)
    assert OIDC_COOKIE not in {cookie["name"] for cookie in context.cookies()}


def test_the_providers_group_makes_an_administrator_and_unmakes_one(
    context: BrowserContext, running: Stack, provider: OidcProvider
) -> None:
    knows(provider, "anna", ADMIN_GROUP)
    page = sign_in(context, running, "/admin")
    expect(page.get_by_role("tab", name=says(context, "admin.tab_users"))).to_be_visible()

    context.clear_cookies()
    knows(provider, "anna")
    sign_in(context, running, "/admin")

    expect(page.locator(".lectern-account")).to_be_visible()
    expect(page.get_by_role("tab", name=says(context, "admin.tab_users"))).to_have_count(0)


def test_who_is_of_another_domain_is_told_so(
    context: BrowserContext, running: Stack, provider: OidcProvider
) -> None:
    knows(provider, "eve", domain="evil.example")

    sign_in(context, running)

    is_told(context, "account.provider_domain")


@pytest.mark.parametrize(
    "dead", [Misbehaviour(token_status=503), Misbehaviour(silent=True)], ids=["in trouble", "gone"]
)
def test_a_dead_provider_leaves_the_password(
    context: BrowserContext, running: Stack, provider: OidcProvider, dead: Misbehaviour
) -> None:
    knows(provider, "dora")
    provider.misbehaviour = dead

    sign_in(context, running)

    is_told(context, "account.provider_unavailable")


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(Misbehaviour(sent_back={"state": "guessed"}), id="state"),
        pytest.param(Misbehaviour(sent_back={"state": ""}), id="no state"),
        pytest.param(Misbehaviour(sent_back={"iss": "https://evil.example"}), id="issuer"),
        pytest.param(Misbehaviour(claims={"nonce": "another"}), id="nonce"),
        pytest.param(Misbehaviour(tampered=True), id="token"),
    ],
)
def test_what_was_tampered_with_signs_nobody_in(
    context: BrowserContext, running: Stack, provider: OidcProvider, bad: Misbehaviour
) -> None:
    knows(provider, "mallory")
    provider.misbehaviour = bad

    sign_in(context, running)

    is_told(context, "account.provider_failed")


def test_an_answer_of_the_provider_works_once_and_in_one_browser(
    browser: Browser, context: BrowserContext, running: Stack, provider: OidcProvider
) -> None:
    knows(provider, "rita")
    page = context.new_page()
    left = page.request.get(f"{running.web}/auth/oidc/start", max_redirects=0)
    brought = urlencode(provider.authorize(left.headers["location"]))
    answer = f"{running.web}/auth/oidc/callback?{brought}"
    kept = [cookie for cookie in context.cookies() if cookie["name"] == OIDC_COOKIE]

    with browser.new_context(locale="en-GB") as elsewhere:
        elsewhere.new_page().goto(answer)
        is_told(elsewhere, "account.provider_failed")
    page.goto(answer)
    expect(page.locator(".lectern-account")).to_be_visible()

    context.clear_cookies()
    page.goto(answer)
    is_told(context, "account.provider_failed")
    context.add_cookies(kept)
    page.goto(answer)
    is_told(context, "account.provider_failed")
