"""Models page: each model with what it is, a trial, and what can be done with it."""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import streamlit as st

from lectern.api import ModelChange, ModelEntryReply, ModelTestReply
from lectern.errors import LecternError
from web.language import t
from web.parts.citations import plain
from web.parts.model_form import edit, form_if_open
from web.parts.said import error_text
from web.session import lectern

_NEEDED = "models.needed."


def entries(found: Sequence[ModelEntryReply]) -> None:
    """Show all models, and the button that adds one."""
    if not any(entry.kind == "chat" for entry in found):
        with st.container(key="model-none", border=True):
            st.subheader(t("models.extractive"), anchor=False)
            st.markdown(t("models.extractive_text"))
    if st.button(t("models.add"), key="model-add", icon=":material/add:", type="primary"):
        edit("")
    form_if_open(found)
    for entry in found:
        _entry(entry)


def show_trial(subject: str) -> None:
    """Show what came of the last trial of a model, if there was one."""
    result: ModelTestReply | None = st.session_state.get(f"models.result.{subject}")
    if result is None:
        return
    if not result.reachable:
        st.error(t("models.failed"), icon=":material/error:")
        st.text(result.detail)
        return
    facts = [t("models.latency", count=round(result.latency_ms))]
    if result.dimensions:
        facts.append(t("models.dimensions", count=result.dimensions))
    st.success(" · ".join([t("models.answers"), *facts]), icon=":material/check_circle:")


def _entry(entry: ModelEntryReply) -> None:
    model_id = entry.model_id
    with st.container(key=f"model-{model_id}", border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(gap=None):
                st.caption(t(f"models.kind_{entry.kind}"))
                st.subheader(plain(entry.name), anchor=False)
                st.caption(_facts(entry))
            if st.button(
                t("models.test"),
                key=f"test-{model_id}",
                icon=":material/network_check:",
                width="content",
            ):
                with st.spinner(t("models.testing")):
                    result = lectern().models.test(model_id=model_id)
                st.session_state[f"models.result.{model_id}"] = result
        if not entry.of_environment:
            _actions(entry)
        show_trial(model_id)


def _facts(entry: ModelEntryReply) -> str:
    where = f"`{urlsplit(entry.url).netloc}`" if entry.url else t("models.in_process")
    facts = [plain(entry.model) if entry.model != entry.name else "", where]
    if entry.dimensions:
        facts.append(t("models.dimensions", count=entry.dimensions))
    if entry.of_environment:
        facts.append(t("models.of_environment") if entry.url else "")
    else:
        facts.append(t("models.key_set" if entry.has_key else "models.key_none"))
    if not entry.enabled:
        facts.append(t("models.disabled"))
    return " · ".join(fact for fact in facts if fact)


def _actions(entry: ModelEntryReply) -> None:
    model_id = entry.model_id
    with st.container(horizontal=True):
        st.button(
            t("models.edit"),
            key=f"edit-{model_id}",
            icon=":material/edit:",
            type="tertiary",
            on_click=edit,
            args=(model_id,),
        )
        if st.button(
            t("models.disable" if entry.enabled else "models.enable"),
            key=f"enable-{model_id}",
            icon=":material/toggle_on:" if entry.enabled else ":material/toggle_off:",
            type="tertiary",
        ):
            _changed(lambda: lectern().models.change(model_id, _toggled(entry)))
        with st.popover(t("models.remove"), icon=":material/delete:", type="tertiary"):
            _removal(entry)


def _removal(entry: ModelEntryReply) -> None:
    """Ask once before a model goes, and once more before collections lose what embeds them."""
    model_id = entry.model_id
    st.markdown(t("models.remove_text"))
    needed: LecternError | None = st.session_state.get(f"{_NEEDED}{model_id}")
    if needed is not None:
        st.warning(error_text(needed), icon=":material/warning:")
        st.text(needed.detail)
        if st.button(t("models.remove_needed"), key=f"remove-needed-{model_id}", type="primary"):
            st.session_state.pop(f"{_NEEDED}{model_id}")
            _changed(lambda: lectern().models.delete(model_id, force=True))
    elif st.button(t("models.remove_now"), key=f"remove-{model_id}", type="primary"):
        try:
            lectern().models.delete(model_id)
        except LecternError as error:
            if error.code != "model_needed":
                st.error(error_text(error), icon=":material/error:")
                return
            st.session_state[f"{_NEEDED}{model_id}"] = error
        st.rerun()


def _toggled(entry: ModelEntryReply) -> ModelChange:
    return ModelChange(enabled=not entry.enabled)


def _changed(change: Callable[[], object]) -> None:
    try:
        change()
    except LecternError as error:
        st.error(error_text(error), icon=":material/error:")
        return
    st.rerun()
