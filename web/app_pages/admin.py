"""The admin page."""

import streamlit as st

from web.language import t

st.title(t("shell.page_admin"), anchor=False)
