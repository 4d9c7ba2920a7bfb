"""Long lists page by page: the cursors of the pages up to the one that is shown."""

import streamlit as st

from web.language import t

_FIRST = ""


def cursor_of(key: str, of: str) -> str:
    """Return the cursor of the page that is shown.

    Args:
        key: Of the list.
        of: What is listed; another choice begins with its first page.
    """
    chosen, cursors = st.session_state.get(_state(key), (of, [_FIRST]))
    if chosen != of:
        cursors = [_FIRST]
    st.session_state[_state(key)] = (of, cursors)
    return str(cursors[-1])


def turn_pages(key: str, following: str) -> None:
    """Show the ways to the pages before and after, as far as there are any.

    Args:
        key: Of the list; `cursor_of` was asked for it.
        following: The cursor of the next page, "" on the last one.
    """
    cursors = st.session_state[_state(key)][1]
    if len(cursors) == 1 and not following:
        return
    with st.container(key=f"{key}-pages", horizontal=True):
        st.button(
            t("admin.newer"),
            key=f"{key}-newer",
            disabled=len(cursors) == 1,
            on_click=cursors.pop,
        )
        st.button(
            t("admin.older"),
            key=f"{key}-older",
            disabled=not following,
            on_click=cursors.append,
            args=(following,),
        )


def _state(key: str) -> str:
    return f"{key}.cursors"
