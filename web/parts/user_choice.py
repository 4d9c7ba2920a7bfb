"""Choosing one user among many; for administrators."""

from collections.abc import Set as AbstractSet

import streamlit as st

from lectern.api import UserQuery, UserReply
from web.language import t
from web.session import lectern

_AT_ONCE = 100  # more are found by typing


def choose_user(label: str, *, without: AbstractSet[str], key: str) -> UserReply | None:
    """Let an administrator choose an enabled user; nobody is chosen at first.

    Args:
        label: What the user is chosen for.
        without: Ids of users who cannot be chosen.
        key: Of the choice; where there are many, `<key>-query` narrows it.
    """
    typed = str(st.session_state.get(f"{key}-query", "")).strip()
    found = lectern().users.list(UserQuery(query=typed[:100], limit=_AT_ONCE))
    if typed or found.cursor:
        st.text_input(t("admin.find_user"), key=f"{key}-query")
    return st.selectbox(
        label,
        [each for each in found.users if not each.disabled and each.user_id not in without],
        index=None,
        format_func=lambda each: each.display_name or each.name,
        placeholder=t("admin.group_choose"),
        key=key,
    )
