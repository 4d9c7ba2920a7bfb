"""What lists of conversations have to read anew."""

import streamlit as st

_STATE = "chat.list_stale"


def mark_stale() -> None:
    """Have the list of conversations read at its next drawing."""
    st.session_state[_STATE] = True


def take_stale() -> bool:
    """Return whether the list has to be read, once."""
    stale = bool(st.session_state.get(_STATE, True))
    st.session_state[_STATE] = False
    return stale
