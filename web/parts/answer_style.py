"""Settings: in whose words models are told how to write answers."""

import streamlit as st

from lectern.api import UserSettingsChange
from lectern.errors import LecternError
from web.language import t
from web.session import current, forget_user, lectern

KEY = "settings-answer_style"
_LONGEST = 2000


def answer_style() -> None:
    """Let people say in their own words how answers are written, and go back to Lectern's."""
    own = current().settings.answer_style
    st.text_area(
        t("settings.answer_style"),
        own,
        max_chars=_LONGEST,
        height=100,
        placeholder=lecterns_words(),
        help=t("settings.answer_style_help"),
        key=KEY,
        on_change=_keep,
    )
    if own:
        st.button(
            t("settings.answer_style_reset"),
            icon=":material/restart_alt:",
            key="settings-style-reset",
            on_click=_reset,
        )


def lecterns_words() -> str:
    """Return how Lectern itself tells models to write, "" when that cannot be read now."""
    try:
        prompts = lectern().prompts.list()
    except LecternError:  # the field works without showing what it replaces
        return ""
    return next((prompt.style for prompt in prompts if prompt.style), "")


def _keep() -> None:
    _change(str(st.session_state[KEY]).strip())


def _reset() -> None:
    st.session_state.pop(KEY, None)
    _change("")


def _change(style: str) -> None:
    lectern().settings.change(UserSettingsChange(answer_style=style))
    forget_user()
