"""The search page."""

import streamlit as st

from web.language import t

st.title(t("shell.page_search"), anchor=False)
