"""Models: which ones there are, what they serve, what may be spent, and whether they answer."""

import streamlit as st

from lectern.errors import Forbidden
from web.language import t
from web.parts.model_budgets import budgets
from web.parts.model_choices import choices
from web.parts.model_entries import entries
from web.parts.tool_servers import tool_servers
from web.session import lectern, user

if not user().is_admin:
    raise Forbidden("this page is for administrators")


st.title(t("shell.page_models"), anchor=False)
st.markdown(t("models.text"))
with st.spinner(t("models.loading")):
    found = list(lectern().models.list())
entries(found)
st.header(t("models.choices"), anchor=False)
choices(found)
st.header(t("models.tools"), anchor=False)
tool_servers()
st.header(t("models.budgets"), anchor=False)
budgets()
