"""Adding documents: dropped, chosen or pasted files, and addresses on the web."""

from collections.abc import Callable

import streamlit as st

from lectern.api import CollectionReply, UrlRequest
from lectern.errors import LecternError
from web.components import drop as dropzone
from web.language import t
from web.parts.citations import plain
from web.parts.notices import notice, trouble
from web.parts.said import error_text, words
from web.session import form_token, lectern

DROP = "library-drop"
_ADDRESS = "library-address"


def uploads(collection: CollectionReply, *, added: Callable[[], None]) -> None:
    """Show the dropzone; `added` is called when something came."""

    def pasted() -> None:
        if link := st.session_state[DROP].link:
            _add(collection, link["url"], added)

    dropzone.drop(
        key=DROP,
        token=form_token(),
        collection=collection.collection_id,
        title=collection.name,
        labels={name: t(f"library.drop_{name}") for name in dropzone.LABELS},
        problems={code: words(code) for code in dropzone.PROBLEMS},
        on_uploaded=added,
        on_link=pasted,
    )


def address(collection: CollectionReply, *, added: Callable[[], None]) -> None:
    """Show the way to add an address on the web; `added` is called when something came."""

    def submitted() -> None:
        _add(collection, st.session_state[_ADDRESS], added)

    with (
        st.popover(t("library.add_address"), icon=":material/link:", type="tertiary"),
        st.form("library-address-form", border=False, clear_on_submit=True),
    ):
        st.text_input(t("library.address"), type="url", key=_ADDRESS, placeholder="https://")
        st.caption(t("library.address_help"))
        st.form_submit_button(t("library.add"), type="primary", on_click=submitted)


def _add(collection: CollectionReply, url: str, added: Callable[[], None]) -> None:
    if not url:
        return
    try:
        document = lectern().documents.add_url(collection.collection_id, UrlRequest(url=url))
    except LecternError as error:
        trouble(error_text(error))
        return
    known = document.duplicate or document.duplicate_of
    said = "library.address_known" if known else "library.address_added"
    notice(t(said, name=plain(document.name)))
    added()
