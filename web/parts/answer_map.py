"""The mind map under an answer."""

import streamlit as st

from lectern.api import AnswerReply, MindMapPlace, MindMapRequest
from web.language import t
from web.parts.mind_map import Ask, shown_map
from web.parts.sources import open_passage

_SHOWN = "map.answers"


def map_button(message_id: str, reply: AnswerReply) -> None:
    """Show the button that shows and hides the map of a stored answer."""
    if not (reply.found and reply.conversation_id and reply.message_id):
        return
    st.button(
        t("chat.map"),
        icon=":material/hub:",
        key=f"icon-map-{message_id}",
        type="tertiary",
        help=t("chat.map"),
        on_click=_toggle,
        args=(message_id,),
    )


def answer_map(message_id: str, reply: AnswerReply, *, ask: Ask | None) -> None:
    """Show the map if it is wanted; following a branch opens the passage it rests on."""
    if message_id not in st.session_state.get(_SHOWN, ()):
        return

    def opened(place: MindMapPlace, width: int) -> None:
        open_passage(message_id, place.number, width=width)

    request = MindMapRequest(conversation_id=reply.conversation_id, message_id=reply.message_id)
    with st.container(key=f"map-of-{message_id}", border=True, gap="xsmall"):
        shown_map(message_id, request, on_open=opened, on_ask=ask)


def _toggle(message_id: str) -> None:
    shown: set[str] = st.session_state.setdefault(_SHOWN, set())
    shown ^= {message_id}
    st.session_state[_SHOWN] = shown
