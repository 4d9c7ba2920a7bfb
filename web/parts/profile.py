"""Settings: who you are, and how Lectern looks to you."""

import streamlit as st

from lectern.api import MeChange, UserSettingsChange
from lectern.errors import LecternError
from web.language import LANGUAGES, t
from web.parts.said import error_text
from web.session import current, forget_user, lectern

_THEMES = ("system", "light", "dark")


def profile() -> None:
    """Let people say who they are."""
    me = current().user
    with st.form("settings-profile", border=False):
        st.text_input(t("settings.sign_in_name"), me.name, disabled=True)
        display_name = st.text_input(
            t("settings.display_name"), me.display_name, max_chars=100, autocomplete="name"
        )
        email = st.text_input(t("settings.email"), me.email, max_chars=254, autocomplete="email")
        saved = st.form_submit_button(t("settings.save"), type="primary")
    if me.groups:
        st.caption(t("settings.groups", names=", ".join(group.name for group in me.groups)))
    if saved:
        try:
            lectern().account.change(MeChange(display_name=display_name, email=email))
        except LecternError as error:
            st.error(error_text(error))
            return
        except ValueError:  # the request itself: the fields hold no more than it takes
            st.error(t("settings.email_wrong"))
            return
        forget_user()
        st.toast(t("settings.saved"), icon=":material/check:")


def appearance() -> None:
    """Let people choose language and theme; both take effect at once."""
    settings = current().settings
    st.selectbox(
        t("settings.language"),
        ["", *LANGUAGES],
        index=["", *LANGUAGES].index(settings.language),
        format_func=lambda code: LANGUAGES.get(code, t("settings.language_browser")),
        key="settings-language",
        on_change=_changed,
        args=("settings-language", "language"),
    )
    st.segmented_control(
        t("settings.theme"),
        _THEMES,
        default=settings.theme,
        required=True,
        format_func=lambda theme: t(f"settings.theme_{theme}"),
        key="settings-theme",
        on_change=_changed,
        args=("settings-theme", "theme"),
    )


def _changed(key: str, field: str) -> None:
    value = st.session_state[key]
    lectern().settings.change(UserSettingsChange.model_validate({field: value}))
    forget_user()
