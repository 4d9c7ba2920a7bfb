"""The collections somebody may read, as a list, and making new ones."""

from urllib.parse import urlencode

import streamlit as st

from lectern.api import CollectionReply
from lectern.errors import LecternError
from web.components import rows as list_of
from web.components.rows import Row
from web.language import t
from web.parts.amounts import moment_text
from web.parts.said import error_text
from web.session import lectern, user

_LIST = "library-collections"
_NEW = "library:new"


def collections_page() -> None:
    """Show the collections, or how to make the first one."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.title(t("shell.page_library"), anchor=False)
        st.button(
            t("library.new_collection"),
            icon=":material/add:",
            type="primary",
            key="library-new",
            on_click=lambda: st.session_state.update({_NEW: True}),
        )
    found = lectern().collections.list()
    if found:
        list_of.rows(
            [row_of(each) for each in found],
            key=_LIST,
            label=t("library.collections"),
            labels={name: t(f"library.list_{name}") for name in list_of.LABELS},
            on_open=_opened,
            on_act=lambda: None,
        )
    else:
        with st.container(key="library-nothing", horizontal_alignment="center"):
            st.markdown(f"**{t('library.no_collections')}**", text_alignment="center")
            st.caption(t("library.no_collections_text"), text_alignment="center")
    if st.session_state.get(_NEW):
        _new_dialog()


def row_of(collection: CollectionReply) -> Row:
    """Return a collection as a row."""
    mine = collection.owner_id == user().user_id
    details = [collection.description] if collection.description else []
    details.append(t("library.created", when=moment_text(collection.created_at)))
    return Row(
        id=collection.slug,
        href="/library?" + urlencode({"c": collection.slug}),
        icon="shelf",
        title=collection.name,
        details=details,
        tags=[],
        state="" if mine else t(f"library.role_{collection.role}"),
        tone="",
        steps=[],
        share=None,
        note=None,
        actions=[],
        allows=[],
    )


def _opened() -> None:
    if asked := st.session_state[_LIST].open:
        st.query_params.from_dict({"c": asked["id"]})


def _dismissed() -> None:
    st.session_state.pop(_NEW, None)


def _new_dialog() -> None:
    @st.dialog(t("library.new_collection"), on_dismiss=_dismissed)
    def dialog() -> None:
        with st.form("library-new-form", border=False):
            name = st.text_input(t("library.name"), max_chars=100, key="library-new-name")
            asked = st.form_submit_button(t("library.create"), type="primary")
        if not asked:
            return
        if not name.strip():
            st.error(t("library.name_needed"))
            return
        try:
            made = lectern().collections.create(name.strip())
        except LecternError as error:
            st.error(error_text(error))
            return
        _dismissed()
        st.query_params.from_dict({"c": made.slug})
        st.rerun()

    dialog()
