"""The account at the foot of the sidebar: who is signed in, and the way out."""

from html import escape

import streamlit as st

from web.language import t
from web.session import Session


def account_menu(session: Session) -> None:
    """Show who is signed in, with a button that signs out: a form, as a link must not do that."""
    name = session.user.display_name or session.user.name
    with st.sidebar.container(key="account"):
        st.html(
            f'<form method="post" action="/logout" class="lectern-account">'
            f'<span title="{escape(session.user.name)}">{escape(name)}</span>'
            f'<input type="hidden" name="form" value="{escape(session.form)}">'
            f"<button>{escape(t('shell.sign_out'))}</button></form>"
        )
