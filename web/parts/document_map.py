"""The mind map of a document, as a view of its page."""

import streamlit as st

from lectern.api import DocumentReply, MindMapPlace, MindMapRequest
from web.parts.composer import ask_later
from web.parts.document_passages import show_passage
from web.parts.mind_map import shown_map
from web.parts.sources import NARROW_PX

_CHAT = "app_pages/chat.py"
_LEAVE = "map.leave"


def document_map(document: DocumentReply, *, view_key: str) -> None:
    """Show the map; a branch leads to its passage, or to a question about it in a new chat.

    Args:
        document: The document, with chunks.
        view_key: Widget that chooses between this view and the passages.
    """
    if st.session_state.pop(_LEAVE, False):
        st.switch_page(_CHAT)

    def opened(place: MindMapPlace, width: int) -> None:
        show_passage(document, place.chunk_id, wide=width >= NARROW_PX)
        st.session_state[view_key] = "passages"

    def ask(question: str) -> None:
        ask_later(question, document)
        st.session_state[_LEAVE] = True  # a callback cannot leave the page

    shown_map(
        f"{document.document_id}-{document.revision}",
        MindMapRequest(document_id=document.document_id),
        on_open=opened,
        on_ask=ask,
    )
