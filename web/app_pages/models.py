"""Models: which ones are in use, and whether they answer."""

import streamlit as st

from lectern.api import ModelReply, ModelTestReply
from lectern.errors import Forbidden
from web.language import t
from web.session import lectern, user

if not user().is_admin:
    raise Forbidden("this page is for administrators")


def show_model(model: ModelReply) -> None:
    """Show a model with a button that tries it."""
    with st.container(key=f"model-{model.role}", border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(gap=None):
                st.caption(t(f"models.role_{model.role}"))
                st.subheader(model.name.replace("_", r"\_"), anchor=False)
                where = model.endpoint or t("models.in_process")
                st.caption(t("models.runs_at", where=f"`{where}`" if model.endpoint else where))
            if st.button(
                t("models.test"),
                key=f"test-{model.role}",
                icon=":material/network_check:",
                width="content",
            ):
                with st.spinner(t("models.testing")):
                    st.session_state[f"models.result.{model.role}"] = lectern().models.test(
                        model.role
                    )
        result: ModelTestReply | None = st.session_state.get(f"models.result.{model.role}")
        if result is not None:
            show_result(result)


def show_result(result: ModelTestReply) -> None:
    """Show what came of a trial."""
    if not result.reachable:
        st.error(t("models.failed"), icon=":material/error:")
        st.text(result.detail)
        return
    facts = [t("models.latency", count=round(result.latency_ms))]
    if result.dimensions:
        facts.append(t("models.dimensions", count=result.dimensions))
    st.success(" · ".join([t("models.answers"), *facts]), icon=":material/check_circle:")


st.title(t("shell.page_models"), anchor=False)
st.markdown(t("models.text"))
models = lectern().models.list()
for model in models:
    show_model(model)
if not any(model.role == "chat" for model in models):
    with st.container(key="model-none", border=True):
        st.caption(t("models.role_chat"))
        st.subheader(t("models.extractive"), anchor=False)
        st.markdown(t("models.extractive_text"))
        st.code("LECTERN_CHAT_URL=https://…/v1\nLECTERN_CHAT_MODEL=…\nLECTERN_CHAT_KEY=…", None)
