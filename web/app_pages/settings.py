"""The settings page."""

import streamlit as st

from web.language import t

st.title(t("shell.page_settings"), anchor=False)
