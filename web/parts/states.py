"""What a page shows instead of its content: nothing there yet, not allowed, out of order."""

import logging

import streamlit as st

from lectern.errors import Forbidden, LecternError, NotFound, TransientError, Unauthorized
from web.language import t
from web.parts.said import error_text

log = logging.getLogger("lectern.web")


def show(error: LecternError) -> None:
    """Show an error of Lectern as something a person can act on."""
    if isinstance(error, Unauthorized):
        empty("signed_out", icon=":material/lock:")
        st.link_button(t("shell.sign_in"), "/login", type="primary")
    elif isinstance(error, Forbidden):
        empty("forbidden", icon=":material/block:")
    elif isinstance(error, NotFound):
        empty("not_found", icon=":material/search_off:")
    elif isinstance(error, TransientError):
        empty("unavailable", icon=":material/cloud_off:")
        st.button(t("shell.try_again"), type="primary", key="state-try-again")
    else:
        st.error(error_text(error), icon=":material/error:")


def empty(state: str, *, icon: str) -> None:
    """Show a large quiet notice: `shell.state_<state>_title` and `…_text`."""
    with st.container(key=f"state-{state}", horizontal_alignment="center"):
        st.markdown(f"# {icon}", text_alignment="center")
        st.subheader(t(f"shell.state_{state}_title"), anchor=False, text_alignment="center")
        st.markdown(t(f"shell.state_{state}_text"), text_alignment="center")


def new_password() -> None:
    """Show what somebody with a password from an administrator has to do first."""
    from web.parts.security import password

    with st.container(key="state-new-password"):
        st.title(t("settings.password_first_title"), anchor=False)
        st.markdown(t("settings.password_first_text"))
        password(given=True)


def on_script_error(error: Exception) -> bool:
    """Log what no page has caught and show a notice instead of a traceback."""
    if isinstance(error, LecternError):
        show(error)
        return True
    log.error("a page failed", exc_info=error)
    empty("broken", icon=":material/error:")
    return True
