"""The library page."""

import streamlit as st

from web.language import t

st.title(t("shell.page_library"), anchor=False)
