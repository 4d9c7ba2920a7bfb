"""What the owner of a collection can change about it: name, settings, owner, existence."""

from collections.abc import Callable

import streamlit as st

from lectern.api import CollectionReply, CollectionSettingsChange
from lectern.errors import LecternError
from web.language import LANGUAGES, t
from web.parts.citations import plain
from web.parts.notices import notice
from web.parts.sharing_dialog import share
from web.session import lectern

_OPEN = "library:dialog"
_LANGUAGES = ("", *LANGUAGES, "ja", "zh")
_TOKENS_MIN, _TOKENS_MAX = 32, 2048


def collection_actions(collection: CollectionReply) -> None:
    """Show the buttons of a collection, each for who may use it, and the dialog that is open."""
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        if collection.role != "viewer":
            _opener("share", ":material/group_add:")
        if collection.role == "owner":
            _opener("settings", ":material/tune:")
            _opener("delete", ":material/delete:")
    name = st.session_state.get(_OPEN)
    dialogs: dict[str, Callable[[CollectionReply, Callable[[], None]], None]] = {
        "share": share,
        "settings": _settings,
        "delete": _delete,
    }
    if name in dialogs:
        dialogs[name](collection, _close)


def _opener(name: str, icon: str) -> None:
    st.button(
        t(f"library.open_{name}"),
        icon=icon,
        key=f"library-open-{name}",
        type="tertiary",
        on_click=lambda: st.session_state.update({_OPEN: name}),
    )


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def _settings(collection: CollectionReply, close: Callable[[], None]) -> None:
    @st.dialog(
        t("library.settings_of", name=plain(collection.name)), width="medium", on_dismiss=close
    )
    def dialog() -> None:
        settings = lectern().collections.settings(collection.collection_id)
        with st.form("library-settings", border=False):
            name = st.text_input(t("library.name"), collection.name, max_chars=100)
            description = st.text_area(
                t("library.description"), settings.description, max_chars=2000, height=100
            )
            language = st.selectbox(
                t("library.answer_language"),
                _LANGUAGES,
                index=_LANGUAGES.index(settings.language),
                format_func=_language_name,
                help=t("library.answer_language_help"),
            )
            prompt = st.text_area(
                t("library.prompt"), settings.prompt, max_chars=4000, help=t("library.prompt_help")
            )
            tokens = st.number_input(
                t("library.chunk_tokens"),
                _TOKENS_MIN,
                _TOKENS_MAX,
                settings.chunk_tokens,
                step=32,
                placeholder=t("library.as_default"),
                help=t("library.chunk_tokens_help"),
            )
            saved = st.form_submit_button(t("library.save"), type="primary")
        if not saved:
            return
        change = CollectionSettingsChange(
            description=description, language=language, prompt=prompt, chunk_tokens=tokens
        )
        try:
            if name.strip() and name.strip() != collection.name:
                lectern().collections.rename(collection.collection_id, name.strip())
            lectern().collections.change_settings(collection.collection_id, change)
        except LecternError as error:
            st.error(error.detail)
            return
        notice(t("library.saved"))
        close()
        st.rerun()

    dialog()


def _language_name(code: str) -> str:
    return (
        LANGUAGES.get(code) or {"ja": "日本語", "zh": "中文"}.get(code) or t("library.of_question")
    )


def _delete(collection: CollectionReply, close: Callable[[], None]) -> None:
    @st.dialog(t("library.delete_collection", name=plain(collection.name)), on_dismiss=close)
    def dialog() -> None:
        st.warning(t("library.delete_warning"), icon=":material/warning:")
        typed = st.text_input(
            t("library.type_name", name=plain(collection.name)),
            key="library-delete-name",
            live=True,
            autocomplete="off",
        )
        sure = st.button(
            t("library.delete_for_good"),
            type="primary",
            disabled=typed.strip() != collection.name,
            key="library-delete-sure",
        )
        if not sure:
            return
        try:
            lectern().collections.delete(collection.collection_id, force=True)
        except LecternError as error:
            st.error(error.detail)
            return
        close()
        st.query_params.clear()
        notice(t("library.collection_deleted", name=plain(collection.name)))
        st.rerun()

    dialog()
