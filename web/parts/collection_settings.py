"""The settings of a collection, and what has to be done before they reach what is there already."""

from collections.abc import Callable

import streamlit as st

from lectern.api import (
    CollectionReply,
    CollectionSettingsChange,
    CollectionSettingsReply,
    DocumentQuery,
)
from lectern.errors import LecternError
from web.language import LANGUAGES, t
from web.parts.answer_style import lecterns_words
from web.parts.citations import plain
from web.parts.notices import notice
from web.parts.said import error_text, notice_text
from web.session import lectern

_DUE = "library:settings-due"
_LANGUAGES = ("", *LANGUAGES, "ja", "zh")
_TOKENS_MIN, _TOKENS_MAX = 32, 2048
_MOST_OCR_LANGUAGES = 4
_READING = ("chunk_tokens", "parser", "ocr_languages", "describe_figures")
"""Settings that count for documents parsed from now on."""


def settings_dialog(collection: CollectionReply, close: Callable[[], None]) -> None:
    """Show the settings, and after a change what it asks for."""

    def done() -> None:
        st.session_state.pop(_DUE, None)
        close()

    @st.dialog(
        t("library.settings_of", name=plain(collection.name)), width="medium", on_dismiss=done
    )
    def dialog() -> None:
        try:
            if _DUE in st.session_state:
                _due(collection, done)
            else:
                _form(collection, done)
        except LecternError as error:
            st.error(error_text(error), icon=":material/error:")

    dialog()


def _form(collection: CollectionReply, done: Callable[[], None]) -> None:
    settings = lectern().collections.settings(collection.collection_id)
    for warning in settings.warnings:
        st.warning(notice_text(warning), icon=":material/info:")
    with st.form("library-settings", border=False):
        name = st.text_input(t("library.name"), collection.name, max_chars=100)
        answering = _answering(settings)
        reading = _reading(settings)
        saved = st.form_submit_button(t("library.save"), type="primary")
        reset = bool(settings.answer_style or settings.prompt) and st.form_submit_button(
            t("library.prompts_reset"),
            icon=":material/restart_alt:",
            help=t("library.prompts_reset_help"),
        )
    if reset:
        own = CollectionSettingsChange(answer_style="", prompt="")
        lectern().collections.change_settings(collection.collection_id, own)
        _finish(done, t("library.prompts_are_reset"))
    if not saved:
        return
    change = CollectionSettingsChange.model_validate(answering | reading)
    if name.strip() and name.strip() != collection.name:
        lectern().collections.rename(collection.collection_id, name.strip())
    after = lectern().collections.change_settings(collection.collection_id, change)
    read_anew = any(getattr(after, each) != getattr(settings, each) for each in _READING)
    due = {"reembed": after.reembedding_needed, "reprocess": read_anew and _filled(collection)}
    if any(due.values()):
        st.session_state[_DUE] = due
        st.rerun()
    _finish(done, t("library.saved"))


def _answering(settings: CollectionSettingsReply) -> dict[str, object]:
    return {
        "outer_tools": st.toggle(
            t("collection.outer_tools"),
            settings.outer_tools,
            help=t("collection.outer_tools_help"),
        ),
        "description": st.text_area(
            t("library.description"), settings.description, max_chars=2000, height=80
        ),
        "language": st.selectbox(
            t("library.answer_language"),
            _LANGUAGES,
            index=_LANGUAGES.index(settings.language),
            format_func=_language_name,
            help=t("library.answer_language_help"),
        ),
        "answer_style": st.text_area(
            t("library.answer_style"),
            settings.answer_style,
            max_chars=2000,
            height=80,
            placeholder=lecterns_words(),
            help=t("library.answer_style_help"),
        ),
        "prompt": st.text_area(
            t("library.prompt"),
            settings.prompt,
            max_chars=4000,
            height=80,
            help=t("library.prompt_help"),
        ),
    }


def _reading(settings: CollectionSettingsReply) -> dict[str, object]:
    names = {each.embedder: each.name for each in settings.choices.embedders}
    own = next(each.name for each in settings.choices.embedders if each.default)
    embedders = list(dict.fromkeys([None, *names, settings.embedder]))
    parsers = list(dict.fromkeys([None, *settings.choices.parsers, settings.parser]))
    known = [*settings.choices.ocr_languages, *settings.ocr_languages]
    return {
        "embedder": st.selectbox(
            t("collection.embedder"),
            embedders,
            index=embedders.index(settings.embedder),
            format_func=lambda each: (
                names.get(each, t("collection.embedder_removed"))
                if each
                else t("collection.as_installed", name=own)
            ),
            help=t("collection.embedder_help"),
        ),
        "parser": st.selectbox(
            t("collection.parser"),
            parsers,
            index=parsers.index(settings.parser),
            format_func=lambda each: t(f"collection.parser_{each or 'default'}"),
            help=t("collection.parser_help"),
        ),
        "ocr_languages": st.multiselect(
            t("collection.ocr_languages"),
            list(dict.fromkeys(known)),
            default=settings.ocr_languages,
            max_selections=_MOST_OCR_LANGUAGES,
            placeholder=t("collection.ocr_all"),
            help=t("collection.ocr_help"),
        ),
        "describe_figures": st.toggle(
            t("collection.describe_figures"),
            settings.describe_figures,
            help=t("collection.describe_figures_help"),
        ),
        "chunk_tokens": st.number_input(
            t("library.chunk_tokens"),
            _TOKENS_MIN,
            _TOKENS_MAX,
            settings.chunk_tokens,
            step=32,
            placeholder=t("library.as_default"),
            help=t("library.chunk_tokens_help"),
        ),
    }


def _due(collection: CollectionReply, done: Callable[[], None]) -> None:
    """Offer what the saved settings need before they reach the documents that are there."""
    due: dict[str, bool] = st.session_state[_DUE]
    st.success(t("library.saved"), icon=":material/check:")
    if due["reembed"]:
        st.markdown(t("collection.reembed_text"))
    if due["reprocess"]:
        st.markdown(t("collection.reprocess_text"))
    with st.container(horizontal=True, key="collection-due"):
        if due["reembed"] and st.button(
            t("collection.reembed"), type="primary", key="collection-reembed"
        ):
            lectern().collections.reembed(collection.collection_id)
            _settle(due, "reembed", done, t("collection.reembedding"))
        if due["reprocess"] and st.button(
            t("collection.reprocess"), type="primary", key="collection-reprocess"
        ):
            with st.spinner(t("collection.reprocess_begins")):
                begun = lectern().documents.reprocess_all(collection.collection_id)
            _settle(due, "reprocess", done, t("collection.reprocessing", count=begun))
        if st.button(t("collection.later"), key="collection-later"):
            _finish(done, t("library.saved"))


def _settle(due: dict[str, bool], what: str, done: Callable[[], None], said: str) -> None:
    due[what] = False
    if any(due.values()):
        st.rerun()
    _finish(done, said)


def _finish(done: Callable[[], None], said: str) -> None:
    notice(said)
    done()
    st.rerun()


def _filled(collection: CollectionReply) -> bool:
    found = lectern().documents.list(collection.collection_id, DocumentQuery(limit=1))
    return bool(found.documents)


def _language_name(code: str) -> str:
    return (
        LANGUAGES.get(code) or {"ja": "日本語", "zh": "中文"}.get(code) or t("library.of_question")
    )
