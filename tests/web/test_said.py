"""What functions say, in the reader's language."""

from collections.abc import Iterator

import pytest
import streamlit as st

from lectern.api import Notice
from lectern.errors import LecternError, TransientError
from web.language import LANGUAGE_STATE
from web.parts.said import error_text, notice_text

DOUBT = Notice(
    code="unverified",
    detail="2 of 3 citations could not be verified",
    parameters={"count": 2, "total": 3},
)


@pytest.fixture(autouse=True)
def _language_of_its_own() -> Iterator[None]:
    yield
    st.session_state.pop(LANGUAGE_STATE, None)


def in_language(language: str) -> None:
    st.session_state[LANGUAGE_STATE] = language


def test_a_notice_is_told_in_the_language_of_the_page() -> None:
    in_language("ko")
    korean = notice_text(DOUBT)
    in_language("en")

    assert korean == "인용 2개(? 표시)는 해당 구절에서 확인되지 않았습니다."
    assert notice_text(DOUBT).startswith("2 citations")


def test_the_reason_in_a_notice_is_told_too_and_never_as_a_code() -> None:
    in_language("en")
    known = Notice(code="model_failed", detail="…", parameters={"reason": "chat_timeout"})
    unknown = Notice(code="model_failed", detail="…", parameters={"reason": "made_up"})

    assert notice_text(known).endswith("The chat model took too long.")
    assert "made_up" not in notice_text(unknown)


def test_names_in_a_notice_stay_as_they_are() -> None:
    in_language("en")
    notice = Notice(
        code="embedder_differs",
        detail="…",
        parameters={"collection": "a *b* <i>", "embedder": "m"},
    )

    assert r"a \*b\* \<i\>" in notice_text(notice)


def test_what_has_no_words_here_is_shown_as_it_was_said() -> None:
    in_language("ko")

    assert notice_text(Notice(code="from_later", detail="Do *this*.")) == r"Do \*this\*\."
    assert notice_text(DOUBT.model_copy(update={"parameters": {}})).startswith("2 of 3")
    assert error_text(LecternError("odd", code="made_up")) == "odd"
    assert error_text(TransientError("down", code="chat_unreachable")).startswith("채팅 모델")
