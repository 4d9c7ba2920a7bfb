"""One collection: what it is, who may do what with it, and its documents."""

import streamlit as st

from web.language import t
from web.parts.citations import plain
from web.parts.collection_dialogs import collection_actions
from web.parts.jobs import documents_list
from web.session import lectern


def collection_page(slug: str) -> None:
    """Show a collection. Errors are the page's to show."""
    collection = lectern().collections.get(slug)
    st.button(
        t("shell.page_library"),
        icon=":material/arrow_back:",
        type="tertiary",
        key="collection-back",
        on_click=st.query_params.clear,
    )
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.title(plain(collection.name), anchor=False, width="content")
        collection_actions(collection)
    if collection.description:
        st.caption(plain(collection.description))
    documents_list(collection)
