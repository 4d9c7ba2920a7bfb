"""The chat page: a question, the answer as it comes, and the page it rests on."""

from pathlib import Path

import streamlit as st

from lectern.errors import LecternError
from web.language import t
from web.parts import conversation, states
from web.parts.citations import plain
from web.parts.composer import (
    ask,
    ask_about,
    ask_again,
    ask_what_was_left,
    composer,
    edit,
)
from web.parts.conversations_list import conversations_list
from web.parts.messages import live_answer, live_question, messages
from web.parts.receipt import receipt_dialog
from web.parts.sharing_link import share_button
from web.parts.sources import source_pane
from web.parts.welcome import welcome

_STYLE = Path(__file__).parents[1] / "chat.css"
_POLL_S = 0.3


def page() -> None:
    """Draw the page once."""
    st.html(_STYLE)
    ask_what_was_left()
    with st.sidebar:
        conversations_list()
    try:
        shown = conversation.current()
    except LecternError as error:
        states.show(error)
        st.button(t("chat.new"), key="new-after-error", on_click=conversation.go_to, args=("",))
        return
    answer = conversation.live()
    left, right = st.columns([5, 4], gap="medium")
    with right, st.container(key="pane"):
        source_pane()
    with left, st.container(key="conversation"):
        if shown.known is not None:
            _head(shown)
        if shown.earlier:
            st.button(
                t("chat.earlier", count=shown.earlier), key="earlier", type="tertiary",
                on_click=conversation.load_earlier,
            )  # fmt: skip
        if answer is not None:
            seen = answer.snapshot()
            above = conversation.before_live(shown.messages, answer.request.parent_id, seen)
            messages(above, ask_again=ask_again, edit=edit)
            live_question(seen.question, seen.answer_id)
            st.fragment(_live, run_every=_POLL_S, key="live")()
        elif shown.messages:
            messages(shown.messages, ask_again=ask_again, edit=edit, ask=ask)
        else:
            welcome(ask_about)
    composer(shown, busy=answer is not None)
    receipt_dialog()


def _live() -> None:
    """Draw the answer as far as it has come; when it has ended, the whole page."""
    answer = conversation.live()
    if answer is None:
        st.rerun()
    seen = answer.snapshot()
    conversation.note_address(seen)
    if seen.state != "running":
        conversation.settle(answer)
        st.rerun()
    live_answer(seen, stop=answer.stop)


def _head(shown: conversation.Conversation) -> None:
    with st.container(key="head", horizontal=True, vertical_alignment="center", gap="xxsmall"):
        title = shown.known.title if shown.known else ""
        st.markdown(f"**{plain(title or t('chat.untitled'))}**", width="stretch")
        share_button()
        with st.popover(
            t("chat.export"), icon=":material/download:", type="tertiary", key="icon-export"
        ):
            st.markdown(
                "\n\n".join(
                    f"[{t(f'chat.export_{form}')}]"
                    f"(/api/export/{shown.conversation_id}?format={form})"
                    for form in ("markdown", "json")
                )
            )


page()
