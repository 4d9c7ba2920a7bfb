"""Settings: the account, how Lectern looks, how it answers, sessions and keys."""

import streamlit as st

from web.language import t
from web.parts.answer_defaults import answer_defaults
from web.parts.api_keys import api_keys
from web.parts.assistants import assistants
from web.parts.profile import appearance, profile
from web.parts.security import password, sessions

_SECTIONS = ("account", "answers", "assistants", "sign_in", "keys")

st.title(t("shell.page_settings"), anchor=False)
tabs = st.tabs(
    [t(f"settings.tab_{name}") for name in _SECTIONS], key="settings-tab", on_change="rerun"
)
for name, tab in zip(_SECTIONS, tabs, strict=True):
    if not tab.open:
        continue
    with tab, st.container(key=f"form-{name}"):
        if name == "account":
            profile()
            st.divider()
            appearance()
        elif name == "answers":
            answer_defaults()
        elif name == "assistants":
            assistants()
        elif name == "sign_in":
            password()
            sessions()
        else:
            api_keys()
