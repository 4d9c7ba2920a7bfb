"""What can be done with a collection, each for who may do it; and removing it."""

from collections.abc import Callable

import streamlit as st

from lectern.api import CollectionReply
from lectern.errors import LecternError
from web.language import t
from web.parts.citations import plain
from web.parts.collection_settings import settings_dialog
from web.parts.notices import notice
from web.parts.said import error_text
from web.parts.sharing_dialog import share
from web.session import lectern

_OPEN = "library:dialog"


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
        "settings": settings_dialog,
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
            st.error(error_text(error))
            return
        close()
        st.query_params.clear()
        notice(t("library.collection_deleted", name=plain(collection.name)))
        st.rerun()

    dialog()
