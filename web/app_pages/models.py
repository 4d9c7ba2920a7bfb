"""Models: which ones there are, what they serve, what may be spent, and whether they answer."""

import streamlit as st

from lectern.api import ModelReply
from lectern.errors import Forbidden
from web.language import t
from web.parts.model_budgets import budgets
from web.parts.model_choices import choices
from web.parts.model_entries import entries, show_trial
from web.session import lectern, user

if not user().is_admin:
    raise Forbidden("this page is for administrators")


def show_embedder(model: ModelReply) -> None:
    """Show the embedder with a button that tries it."""
    with st.container(key="model-embedder", border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(gap=None):
                st.caption(t("models.role_embedder"))
                st.subheader(model.name.replace("_", r"\_"), anchor=False)
                where = model.endpoint or t("models.in_process")
                st.caption(t("models.runs_at", where=f"`{where}`" if model.endpoint else where))
            tried = st.button(
                t("models.test"),
                key="test-embedder",
                icon=":material/network_check:",
                width="content",
            )
        if tried:
            with st.spinner(t("models.testing")):
                st.session_state["models.result.embedder"] = lectern().models.test("embedder")
        show_trial("embedder")


st.title(t("shell.page_models"), anchor=False)
st.markdown(t("models.text"))
with st.spinner(t("models.loading")):
    found = list(lectern().models.list())
    in_use = lectern().models.configured()
entries(found)
if found:
    st.header(t("models.choices"), anchor=False)
    choices(found)
    st.header(t("models.budgets"), anchor=False)
    budgets()
st.header(t("models.embedding"), anchor=False)
for model in in_use:
    if model.role == "embedder":
        show_embedder(model)
