"""The account at the foot of the sidebar: who is signed in, and the way out."""

import streamlit as st

from web.language import t
from web.session import Session


def account_menu(session: Session) -> None:
    """Show who is signed in, with a link to sign out."""
    with st.sidebar.container(key="account"):
        name = getattr(session.user, "display_name", "") or session.user.name
        st.caption(t("shell.signed_in_as", name=_plain(name)))
        st.page_link("/logout", label=t("shell.sign_out"), icon=":material/logout:")


def _plain(name: str) -> str:
    """Return a name that Markdown leaves as it is."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()<>#+-.!|~$:^=" else c for c in name)
