"""The list of conversations in the sidebar."""

import dataclasses
import time
from typing import Any

from streamlit.testing.v1 import AppTest

from lectern.api import ConversationRequest
from tests.web.component_events import data_of, fire
from tests.web.conftest import World, add_person, page_of
from web.parts.conversations_list import AT_ONCE

LIST = "conversation-list"


def shown(at: AppTest) -> int:
    assert not at.exception
    return sum(len(group["rows"]) for group in data_of(at, LIST)["groups"])


def test_what_was_shown_of_the_list_stays_when_it_is_read_anew(world: World) -> None:
    add_person(world, "talkative")
    with world.lectern("talkative") as lectern:
        for number in range(2 * AT_ONCE + 5):
            lectern.conversations.create(ConversationRequest(title=f"talk {number}"))
    at = page_of(world, "talkative")
    before = shown(at)
    at = fire(at, LIST, "act", {"kind": "more", "id": "", "title": "", "at": 1})
    after = shown(at)

    listed: Any = at.session_state["chat.list"]
    at.session_state["chat.list"] = dataclasses.replace(listed, read_at=time.monotonic() - 60)
    at.run()

    assert (before, after, shown(at)) == (AT_ONCE, 2 * AT_ONCE, 2 * AT_ONCE)
    assert data_of(at, LIST)["more"]
