"""Models page: the dialog that adds or changes a model. A stored key is never shown in it."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
from pydantic import ValidationError

from lectern.api import ModelChange, ModelEntryReply, ModelPreset, ModelRequest
from lectern.errors import LecternError
from web.language import t
from web.parts.said import error_text
from web.session import lectern

_EDITED = "models.edited"
_RERANK_KINDS = ("cohere", "jina", "voyage", "tei")
_KINDS = ("chat", "embedding", "rerank")
_TIMEOUTS_S = {"chat": 120.0, "embedding": 60.0, "rerank": 5.0}
_TOKENS = 8192
_LEAST_TOKENS = {"chat": 1024, "embedding": 32}
_MOST_DIMENSIONS = 16_384


def edit(model_id: str) -> None:
    """Open the form at the next run of the page: for a model, or for a new one ("")."""
    st.session_state[_EDITED] = model_id


def form_if_open(found: Sequence[ModelEntryReply]) -> None:
    """Show the form if it was opened."""
    if _EDITED not in st.session_state:
        return
    model_id = st.session_state[_EDITED]
    entry = next((each for each in found if each.model_id == model_id), None)
    title = t("models.add") if entry is None else t("models.edit_title", name=entry.name)

    @st.dialog(title, width="medium", on_dismiss=_close)
    def dialog() -> None:
        _form(entry)

    dialog()


def _close() -> None:
    st.session_state.pop(_EDITED, None)


def _form(entry: ModelEntryReply | None) -> None:
    preset = _preset() if entry is None else None
    kind = entry.kind if entry else preset.kind if preset else _kind()
    with st.form("model-form", border=False):
        fields = _fields(entry, preset, kind)
        with st.container(horizontal=True):
            tried = st.form_submit_button(t("models.test"), icon=":material/network_check:")
            saved = st.form_submit_button(t("models.save"), type="primary")
    if not tried and not saved:
        return
    try:
        model = ModelRequest.model_validate({**fields, "kind": kind})
    except ValidationError:
        st.error(t("models.incomplete"), icon=":material/error:")
        return
    try:
        if saved:
            _save(entry, model)
            _close()
            st.rerun()
        with st.spinner(t("models.testing")):
            model_id = entry.model_id if entry else ""
            result = lectern().models.test(model_id=model_id, model=model)
    except LecternError as error:
        st.error(error_text(error), icon=":material/error:")
        return
    if result.reachable:
        facts = [t("models.answers"), t("models.latency", count=round(result.latency_ms))]
        if result.dimensions:
            facts.append(t("models.dimensions", count=result.dimensions))
        st.success(" · ".join(facts), icon=":material/check_circle:")
    else:
        st.error(t("models.failed"), icon=":material/error:")
        st.text(result.detail)


def _preset() -> ModelPreset | None:
    presets = lectern().models.presets()
    return st.selectbox(
        t("models.provider"),
        presets,
        format_func=lambda each: f"{each.label} · {t(f'models.kind_{each.kind}')}",
        index=None,
        placeholder=t("models.provider_other"),
        key="model-preset",
    )


def _kind() -> str:
    """Return what a model of no known provider is for."""
    return st.segmented_control(
        t("models.kind"),
        _KINDS,
        default="chat",
        format_func=lambda each: t(f"models.kind_{each}"),
        key="model-kind",
        required=True,
    )


def _fields(entry: ModelEntryReply | None, preset: ModelPreset | None, kind: str) -> dict[str, Any]:
    name = entry.name if entry else preset.label if preset else ""
    url = entry.url if entry else preset.url if preset else ""
    fields: dict[str, Any] = {
        "preset": entry.preset if entry else preset.preset if preset else "",
        "name": st.text_input(t("models.name"), name, max_chars=100).strip(),
        "url": st.text_input(t("models.url"), url, help=t(f"models.url_help_{kind}")).strip(),
        "model": st.text_input(
            t("models.model"), entry.model if entry else "", max_chars=200
        ).strip(),
        "key": st.text_input(
            t("models.key"),
            type="password",
            autocomplete="new-password",
            placeholder=t("models.key_kept") if entry and entry.has_key else "",
            help=t("models.key_help"),
        ).strip(),
        "enabled": entry.enabled if entry else True,
    }
    if kind == "rerank":
        chosen = (
            entry.rerank_kind if entry else preset.rerank_kind if preset else None
        ) or "cohere"
        fields["rerank_kind"] = st.selectbox(
            t("models.rerank_kind"), _RERANK_KINDS, index=_RERANK_KINDS.index(chosen)
        )
    elif kind == "embedding":
        fields |= _embedding_fields(entry, preset)
    else:
        fields |= _chat_fields(entry)
    fields["timeout_s"] = st.number_input(
        t("models.timeout"), 1.0, 600.0, entry.timeout_s if entry else _TIMEOUTS_S[kind], step=1.0
    )
    return fields


def _chat_fields(entry: ModelEntryReply | None) -> dict[str, Any]:
    left, right = st.columns(2)
    return {
        "context_tokens": st.number_input(
            t("models.context"),
            _LEAST_TOKENS["chat"],
            100_000_000,
            entry.context_tokens if entry else _TOKENS,
            step=1024,
            help=t("models.context_help"),
        ),
        "sees_images": st.toggle(t("models.sees"), entry.sees_images if entry else False),
        "prompt_price": left.number_input(
            t("models.prompt_price"), 0.0, 1e6, entry.prompt_price if entry else 0.0
        ),
        "completion_price": right.number_input(
            t("models.completion_price"), 0.0, 1e6, entry.completion_price if entry else 0.0
        ),
    }


def _embedding_fields(entry: ModelEntryReply | None, preset: ModelPreset | None) -> dict[str, Any]:
    if entry is not None:
        st.caption(t("models.other_vectors"))
    usual = preset.context_tokens if preset else _TOKENS
    left, right = st.columns(2)
    return {
        "context_tokens": left.number_input(
            t("models.longest_input"),
            _LEAST_TOKENS["embedding"],
            100_000_000,
            entry.context_tokens if entry else usual,
            help=t("models.longest_input_help"),
        ),
        "dimensions": right.number_input(
            t("models.ask_dimensions"),
            0,
            _MOST_DIMENSIONS,
            entry.dimensions if entry else 0,
            help=t("models.ask_dimensions_help"),
        ),
        "query_prefix": left.text_input(
            t("models.query_prefix"),
            entry.query_prefix if entry else "",
            max_chars=500,
            help=t("models.prefix_help"),
        ),
        "passage_prefix": right.text_input(
            t("models.passage_prefix"), entry.passage_prefix if entry else "", max_chars=500
        ),
        "prompt_price": st.number_input(
            t("models.prompt_price"), 0.0, 1e6, entry.prompt_price if entry else 0.0
        ),
    }


def _save(entry: ModelEntryReply | None, model: ModelRequest) -> None:
    if entry is None:
        lectern().models.create(model)
        return
    given = model.model_dump(exclude={"kind", "preset", "key"})
    if key := model.key.get_secret_value():
        given["key"] = key
    lectern().models.change(entry.model_id, ModelChange.model_validate(given))
