"""The script of every page: sign-in state, language, look and navigation, then the page itself."""

from pathlib import Path

import streamlit as st

from lectern.errors import LecternError
from web.components.language import apply_language
from web.components.theme import apply_theme
from web.navigation import PATHS, pages_for
from web.parts import states
from web.parts.account import account_menu
from web.session import choose_language, current

_WEB = Path(__file__).parent

st.set_page_config(
    page_title="Lectern",
    page_icon=str(_WEB / "assets" / "icon.png"),
    layout="wide",
    initial_sidebar_state="auto",
)
st.html(_WEB / "style.css")
st.logo(_WEB / "assets" / "icon.png", size="large")
try:
    session = current()
except LecternError as error:
    apply_language(choose_language())
    states.show(error)
    st.stop()
apply_language(choose_language())
apply_theme(session.settings.theme, PATHS)
if session.user.must_change_password:
    states.new_password()
    st.stop()
page = st.navigation(pages_for(is_admin=session.user.is_admin))
account_menu(session)
try:
    page.run()
except LecternError as error:
    states.show(error)
