"""What was left to be deleted is deleted, whatever ends first."""

import asyncio
from collections.abc import Iterator

import pytest

from lectern.client import Lectern
from lectern.errors import NotFound
from tests.web.conftest import PASSWORD, Site, World, page_of
from web.application import build
from web.configuration import settings
from web.connections import lectern_for
from web.parts.deleting import DELETIONS
from web.sealing import SESSION_COOKIE, seal_of


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    DELETIONS.finish_all()


def left(lectern: Lectern) -> str:
    """Leave a conversation to be deleted; return its id."""
    conversation_id = lectern.conversations.create().conversation_id
    DELETIONS.later(lectern.me().user_id, conversation_id, lectern)
    return conversation_id


def is_there(world: World, who: str, conversation_id: str) -> bool:
    try:
        with world.lectern(who) as lectern:
            lectern.conversations.get(conversation_id)
    except NotFound:
        return False
    return True


def test_signing_out_deletes_what_was_left(site: Site, world: World) -> None:
    site.sign_in()
    visitor = seal_of(settings()).open(site.browser.cookies[SESSION_COOKIE])
    assert visitor is not None
    mine = left(lectern_for(visitor.token))
    others = left(lectern_for(world.tokens["stranger"]))

    site.post("/logout", {})

    assert not is_there(world, "reader", mine)
    assert is_there(world, "stranger", others), "there is still time to take it back"


def test_the_end_of_the_process_deletes_what_was_left(world: World) -> None:
    mine, others = (left(lectern_for(world.tokens[who])) for who in ("reader", "stranger"))
    life = build(settings())._user_lifespan
    assert life is not None

    async def live() -> None:
        async with life(None):
            assert is_there(world, "reader", mine)

    asyncio.run(live())

    assert not is_there(world, "reader", mine)
    assert not is_there(world, "stranger", others)


def test_a_new_password_deletes_what_was_left(world: World) -> None:
    at = page_of(world, "reader", "settings")
    at.session_state["settings-tab"] = "Sign-in"
    at.run()
    with world.lectern() as stranger:
        other = stranger.account.login("reader", PASSWORD).token
    mine = left(lectern_for(other))

    form = at.form("settings-password")
    for field, value in zip(form.text_input, (PASSWORD, PASSWORD, PASSWORD), strict=True):
        field.set_value(value)
    form.button[0].click().run()

    assert not at.exception
    assert not is_there(world, "reader", mine)
