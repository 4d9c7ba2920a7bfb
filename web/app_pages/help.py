"""Help: how to begin, what can be read, keys, limits."""

import streamlit as st

from web.language import t

_STEPS = ("add", "ask", "check")
_TOPICS = ("formats", "answers", "sharing", "shortcuts", "limits", "programs")

st.title(t("shell.page_help"), anchor=False)
st.markdown(t("help.intro"))
for number, (column, step) in enumerate(zip(st.columns(3), _STEPS, strict=True), start=1):
    with column, st.container(key=f"help-{step}", border=True, height="stretch"):
        st.markdown(f":primary[**{number}**]")
        st.markdown(f"##### {t(f'help.{step}_title')}")
        st.markdown(t(f"help.{step}_text"))
for topic in _TOPICS:
    with st.expander(t(f"help.{topic}_title")):
        st.markdown(t(f"help.{topic}_text"))
