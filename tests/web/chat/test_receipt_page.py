"""How an answer came about, and asking again, on the chat page under AppTest."""

from streamlit.testing.v1 import AppTest

from lectern.api import ConversationQuery
from tests.provider.chat import Script
from tests.web.chat.conftest import Stack
from tests.web.chat.test_chat_page import ask, key_of, said
from tests.web.chat.test_chat_page import page as page  # noqa: PLC0414 - a fixture
from tests.web.chat.test_chat_page import world as world  # noqa: PLC0414 - a fixture


def test_the_receipt_of_an_answer_is_shown_and_its_question_asked_again(
    page: AppTest, stack: Stack
) -> None:
    at = ask(page)
    with stack.client() as lectern:
        before = lectern.conversations.list(ConversationQuery(limit=200)).conversations

    at.button(key=key_of(at, "icon-receipt-")).click().run()
    shown, sent = said(at), "\n".join(each.value for each in at.code)
    stack.model.play(Script("Telescopes are lent for twenty days [1]."))
    at.button(key="receipt-again").click().run()

    assert not at.exception
    assert r"answer\-v4" in shown
    assert "You answer questions from passages" in sent
    assert "nineteen days" in sent
    html = "\n".join(str(each.value) for each in at.get("html"))
    assert "<ins>Telescopes</ins>" in html
    assert "The answer then and now" in said(at)
    with stack.client() as lectern:
        after = lectern.conversations.list(ConversationQuery(limit=200)).conversations
    assert after == before
