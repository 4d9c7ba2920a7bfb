"""Settings: how answers are made unless a question says otherwise."""

from typing import Any

import streamlit as st

from lectern.api import UserSettingsChange
from web.language import t
from web.parts.answer_style import answer_style
from web.session import current, forget_user, lectern

_MODES = ("hybrid", "vector", "text", "graph")
_CITATION_STYLES = ("inline", "quotes")
_ANSWER_LANGUAGES = ("", "en", "ko", "ja", "zh")


def answer_defaults() -> None:
    """Let people choose how their questions are answered; each choice is kept at once."""
    settings, changed = current().settings, current().changed
    st.caption(t("settings.answers_text"))
    _choice("answer_language", _ANSWER_LANGUAGES, settings.answer_language, "settings.answer_in_")
    _choice("citation_style", _CITATION_STYLES, settings.citation_style, "settings.citation_style_")
    _choice("mode", _MODES, settings.mode, "settings.mode_")
    st.slider(
        t("settings.top_k"),
        1,
        50,
        settings.top_k,
        help=t("settings.top_k_help"),
        key="settings-top_k",
        on_change=_keep,
        args=("top_k",),
    )
    answer_style()
    if changed and st.button(
        t("settings.reset"), icon=":material/restart_alt:", key="settings-reset"
    ):
        lectern().settings.reset()
        forget_user()
        for name in (
            "answer_language",
            "answer_style",
            "citation_style",
            "mode",
            "top_k",
            "language",
            "theme",
        ):
            st.session_state.pop(f"settings-{name}", None)
        st.rerun()


def _choice(field: str, options: tuple[str, ...], value: str, prefix: str) -> None:
    st.selectbox(
        t(f"settings.{field}"),
        options,
        index=options.index(value) if value in options else 0,
        format_func=lambda option: t(f"{prefix}{option or 'question'}"),
        help=t(f"settings.{field}_help"),
        key=f"settings-{field}",
        on_change=_keep,
        args=(field,),
    )


def _keep(field: str) -> None:
    value: Any = st.session_state[f"settings-{field}"]
    lectern().settings.change(UserSettingsChange.model_validate({field: value}))
    forget_user()
