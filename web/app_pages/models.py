"""The models page."""

import streamlit as st

from web.language import t

st.title(t("shell.page_models"), anchor=False)
