"""The collections that a question can be asked of, however many there are."""

import io
from collections.abc import Iterator, Sequence

import pytest
from streamlit.testing.v1 import AppTest

from lectern.api import (
    AssistantManner,
    AssistantRequest,
    CollectionReply,
    ConversationRequest,
    ConversationScope,
)
from tests.web.chat.conftest import Stack
from tests.web.conftest import World, forget_settings, page_of
from tests.web.stack import Stack as Running

MANY = 15


@pytest.fixture(scope="module")
def world(running: Running, running_stack: Stack) -> Iterator[World]:
    up = running_stack.up
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_HOME", str(up.home))
        patch.setenv("LECTERN_FUNCTION_URL", up.function_url)
        forget_settings()
        token = running.person("collector").token
        yield World(up.function_url, up.home, {"collector": token})
    forget_settings()


@pytest.fixture(scope="module")
def shelves(world: World) -> Sequence[CollectionReply]:
    """The collections of "collector": more than there is room for as pills."""
    with world.lectern("collector") as lectern:
        return [lectern.collections.create(f"Shelf {number:02}") for number in range(MANY)]


def chat(world: World, conversation_id: str = "") -> AppTest:
    at = page_of(world, "collector")
    if conversation_id:
        at.query_params["c"] = conversation_id
    return at.run()


def test_every_collection_is_offered(world: World, shelves: Sequence[CollectionReply]) -> None:
    at = chat(world)

    assert not at.exception
    offered = at.multiselect(key="scope-many-new").options
    assert {each.name for each in shelves} <= set(offered)


def test_what_was_chosen_stays_when_another_one_is_added(
    world: World, shelves: Sequence[CollectionReply]
) -> None:
    ids = [each.collection_id for each in shelves]
    with world.lectern("collector") as lectern:
        scope = ConversationScope(collections=[ids[0], ids[-1]])
        made = lectern.conversations.create(ConversationRequest(scope=scope))
    at = chat(world, made.conversation_id)
    field = at.multiselect(key=f"scope-many-{made.conversation_id}")
    assert set(field.value) == {ids[0], ids[-1]}

    field.select(ids[7]).run()

    with world.lectern("collector") as lectern:
        kept = lectern.conversations.get(made.conversation_id).scope.collections
    assert set(kept) == {ids[0], ids[-1], ids[7]}


def test_a_document_of_the_last_of_many_collections_is_found(
    world: World, shelves: Sequence[CollectionReply]
) -> None:
    with world.lectern("collector") as lectern:
        last = lectern.collections.list()[-1]
        file = io.BytesIO(b"A borrowed telescope must be returned within nineteen days.")
        made = lectern.documents.upload(last.collection_id, file, name="far away.txt")
        assert lectern.documents.wait(made.document_id).state == "ready"
    at = chat(world)

    at.chat_input(key="ask").set_value('What says @"far away" about telescopes?').run()

    assert not at.exception
    assert f"chip-{made.document_id}" in [button.key for button in at.button]


def test_a_conversation_is_held_with_the_assistant_that_was_chosen(
    world: World, shelves: Sequence[CollectionReply]
) -> None:
    with world.lectern("collector") as lectern:
        saved = lectern.assistants.create(
            AssistantRequest(name="*Desk*", manner=AssistantManner(reasoning="react"))
        )
        held = lectern.conversations.create(ConversationRequest(assistant=saved.slug))
    at = chat(world, held.conversation_id)

    menus = [each.proto.popover.label for each in at.get("popover")]
    assert "\\*Desk\\*" in menus
    assert "Simple" not in menus, "the assistant says how passages are gathered"

    at.session_state["assistant-menu"] = True
    choice = at.run().radio(key=f"assistant-{held.conversation_id}")
    assert choice.value == saved.assistant_id
    choice.set_value("").run()

    assert not at.exception
    with world.lectern("collector") as lectern:
        assert lectern.conversations.get(held.conversation_id).assistant == ""
        lectern.assistants.delete(saved.assistant_id)
