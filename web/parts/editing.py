"""The question that is being edited, which belongs to the conversation that it stands in."""

import streamlit as st

from lectern.api import MessageReply

INPUT = "ask"
"""The key of the input that questions are written in."""

_EDITED = "chat.edited"


def begin(question: MessageReply, conversation_id: str) -> None:
    """Put a question back into the input, to ask a changed one in its place."""
    st.session_state[INPUT] = question.text
    st.session_state[_EDITED] = (conversation_id, question)


def edited(conversation_id: str) -> MessageReply | None:
    """Return the question that is being edited in a conversation."""
    where, question = st.session_state.get(_EDITED, ("", None))
    found: MessageReply | None = question if where == conversation_id else None
    return found


def stop() -> None:
    """Let the edited question be as it was."""
    st.session_state.pop(_EDITED, None)


def leave() -> None:
    """Stop, and empty the input of the question: another conversation comes."""
    if st.session_state.pop(_EDITED, None) is not None:
        st.session_state[INPUT] = ""
