"""What an empty conversation shows: what can be asked here, about documents that are there."""

import time
from collections.abc import Callable, Sequence

import streamlit as st

from lectern.api import DocumentReply
from web.language import t
from web.parts.citations import plain
from web.parts.conversation import current
from web.parts.scope import find_documents

_DOCUMENTS = "chat.starters"
_FRESH_S = 60.0
_MOST = 3
_QUESTIONS = ("starter_about", "starter_points", "starter_rules")
_NAME_LENGTH = 48

AskAbout = Callable[[str, DocumentReply], None]


def welcome(ask_about: AskAbout) -> None:
    """Show the greeting with starter questions, or the way to the first document."""
    documents = _documents()
    with st.container(key="welcome", horizontal_alignment="center", gap="small"):
        st.title(t("chat.welcome"), anchor=False, text_alignment="center")
        if not documents:
            st.markdown(t("chat.welcome_empty"), text_alignment="center")
            st.page_link(
                "app_pages/library.py", label=t("chat.welcome_library"),
                icon=":material/upload_file:",
            )  # fmt: skip
            return
        st.markdown(t("chat.welcome_text"), text_alignment="center")
        with st.container(key="starters", gap="xsmall"):
            for question, document in zip(_QUESTIONS, _cycled(documents), strict=False):
                text = t(f"chat.{question}", name=_short(document.name))
                st.button(
                    plain(text),
                    icon=":material/north_east:",
                    icon_position="right",
                    key=f"starter-{question}",
                    width="stretch",
                    on_click=ask_about,
                    args=(text, document),
                )


def _documents() -> Sequence[DocumentReply]:
    known = st.session_state.get(_DOCUMENTS)
    if known is None or time.monotonic() - known[0] > _FRESH_S or not known[1]:
        known = (time.monotonic(), find_documents("", current().scope)[:_MOST])
        st.session_state[_DOCUMENTS] = known
    found: Sequence[DocumentReply] = known[1]
    return found


def _cycled(documents: Sequence[DocumentReply]) -> list[DocumentReply]:
    return [documents[index % len(documents)] for index in range(len(_QUESTIONS))]


def _short(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH else name[: _NAME_LENGTH - 1] + "…"
