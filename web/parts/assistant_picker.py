"""Whom the questions of a conversation are put to: an assistant, or nobody in particular."""

import time
from collections.abc import Sequence

import streamlit as st

from lectern.api import AssistantReply
from web.language import t
from web.parts import conversation
from web.parts.citations import plain
from web.session import lectern

_KNOWN = "chat.assistants"
_FRESH_S = 30.0


def assistant_picker() -> AssistantReply | None:
    """Let people choose one, where there are any; return the chosen one."""
    found = _assistants()
    if not found:
        return None
    shown = conversation.current()
    chosen = next((each for each in found if each.assistant_id == shown.assistant), None)
    key = f"assistant-{shown.conversation_id or 'new'}"
    menu = st.popover(
        plain(chosen.name) if chosen else t("chat.assistant"),
        icon=":material/support_agent:",
        type="tertiary",
        key="assistant-menu",
        help=t("chat.assistant_help"),
        on_change="rerun",
    )
    if menu.open:
        ids = ["", *(each.assistant_id for each in found)]
        names = {each.assistant_id: each.name for each in found}
        with menu:
            st.radio(
                t("chat.assistant"),
                ids,
                index=ids.index(chosen.assistant_id) if chosen else 0,
                format_func=lambda each: plain(names[each]) if each else t("chat.assistant_none"),
                captions=["", *(plain(each.description) for each in found)],
                key=key,
                on_change=_choose,
                args=(key,),
            )
    return chosen


def _choose(key: str) -> None:
    conversation.choose_assistant(str(st.session_state[key]))


def _assistants() -> Sequence[AssistantReply]:
    """Return those the person may ask, at most half a minute old."""
    known = st.session_state.get(_KNOWN)
    if known is None or time.monotonic() - known[0] > _FRESH_S:
        known = (time.monotonic(), lectern().assistants.list())
        st.session_state[_KNOWN] = known
    found: Sequence[AssistantReply] = known[1]
    return found


def forget() -> None:
    """Read them anew the next time: some were changed."""
    st.session_state.pop(_KNOWN, None)
