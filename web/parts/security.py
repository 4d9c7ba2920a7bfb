"""Settings: password, and where you are signed in."""

import streamlit as st

from lectern.errors import LecternError
from web.language import t
from web.parts.deleting import DELETIONS
from web.parts.moments import ago
from web.parts.said import error_text
from web.session import current, forget_user, lectern

MIN_CHARACTERS = 10


def password(*, given: bool = False) -> None:
    """Let people change their password, or set a first one.

    Args:
        given: It was given to them by an administrator and has to be changed.
    """
    me = current().user
    with st.form("settings-password", border=False, clear_on_submit=True):
        former = ""
        if me.has_password:
            label = "settings.password_given" if given else "settings.password_current"
            former = st.text_input(t(label), type="password", autocomplete="current-password")
        new = st.text_input(
            t("settings.password_new"),
            type="password",
            autocomplete="new-password",
            help=t("settings.password_rules", count=MIN_CHARACTERS),
        )
        again = st.text_input(
            t("settings.password_again"), type="password", autocomplete="new-password"
        )
        asked = st.form_submit_button(t("settings.password_change"), type="primary")
    if asked:
        _change_password(former, new, again)


def _change_password(former: str, new: str, again: str) -> None:
    if new != again:
        st.error(t("settings.passwords_differ"))
        return
    if len(new) < MIN_CHARACTERS:
        st.error(t("settings.password_rules", count=MIN_CHARACTERS))
        return
    try:
        DELETIONS.finish(current().user.user_id)  # other sessions end with the old password
        lectern().account.change_password(former, new)
    except LecternError as error:
        wrong = error.code == "wrong_password"
        st.error(t("settings.password_wrong") if wrong else error_text(error))
        return
    forget_user()
    st.success(t("settings.password_changed"), icon=":material/check:")


@st.fragment(key="settings-sessions")
def sessions() -> None:
    """List where somebody is signed in, and let them end each."""
    st.subheader(t("settings.sessions"), anchor=False)
    st.caption(t("settings.sessions_text"))
    for session in lectern().account.sessions():
        with st.container(
            key=f"session-{session.session_id}",
            border=True,
            horizontal=True,
            vertical_alignment="center",
        ):
            with st.container(gap=None):
                st.text(device(session.label) or t("settings.session_unknown"))
                st.caption(t("settings.session_used", when=ago(session.last_used_at)))
            if session.current:
                st.badge(t("settings.session_this"), color="green")
            elif st.button(
                t("settings.session_end"), key=f"end-{session.session_id}", width="content"
            ):
                DELETIONS.finish(current().user.user_id)  # it may have been asked for there
                lectern().account.end_session(session.session_id)
                st.rerun()


def device(user_agent: str) -> str:
    """Return browser and system of a User-Agent, as far as it says."""
    browsers = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"),
                ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
    systems = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
               ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip
    browser = next((name for mark, name in browsers if mark in user_agent), "")
    system = next((name for mark, name in systems if mark in user_agent), "")
    return " · ".join(filter(None, (browser, system))) or user_agent[:80]
