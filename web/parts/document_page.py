"""One document: its pages with the boxes of its chunks, what it is about, and its history."""

from urllib.parse import quote

import streamlit as st

from lectern.api import CollectionReply, DocumentReply
from web.components import rows as list_of
from web.language import t
from web.parts.acting import act
from web.parts.amounts import moment_text, size_text
from web.parts.citations import plain
from web.parts.document_details import details
from web.parts.document_map import document_map
from web.parts.document_passages import passages_and_pages
from web.parts.documents import row_of
from web.parts.failures import own_words
from web.parts.jobs import POLL_S
from web.parts.notices import show_notices
from web.parts.stages import moving
from web.session import lectern

_VIEW = "document-view"


def document_page(document_id: str) -> None:
    """Show a document. Errors are the page's to show."""
    document = lectern().documents.get(document_id)
    collection = lectern().collections.get(document.collection_id)
    _head(document, collection)
    if moving(document) or document.failure:
        run_every = POLL_S if moving(document) else None
        st.fragment(_progress, run_every=run_every, key="document-progress")(document, collection)
    views = ["passages", "map", "details"] if document.chunks else ["details"]
    key = f"{_VIEW}-{document_id}-{len(views)}"
    view = st.segmented_control(
        t("library.view"),
        views,
        default=views[0],
        required=True,
        format_func=lambda each: t(f"library.view_{each}"),
        label_visibility="collapsed",
        key=key,
    )
    if view == "passages":
        passages_and_pages(document)
    elif view == "map":
        document_map(document, view_key=key)
    else:
        details(document, collection)


def _head(document: DocumentReply, collection: CollectionReply) -> None:
    st.button(
        plain(collection.name),
        icon=":material/arrow_back:",
        type="tertiary",
        key="document-back",
        on_click=lambda: st.query_params.from_dict({"c": collection.slug}),
    )
    st.header(plain(document.name), anchor=False)
    facts = [size_text(document.size_bytes)]
    if document.pages:
        facts.append(t("library.pages", count=document.pages))
    if document.chunks:
        facts.append(t("library.chunks", count=document.chunks))
    facts.append(moment_text(document.moved_at))
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.caption(" · ".join(facts), width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            _actions(document, collection)


def _actions(document: DocumentReply, collection: CollectionReply) -> None:
    st.link_button(
        t("library.open_original"),
        f"/api/documents/{quote(document.document_id, safe='')}/content",
        icon=":material/open_in_new:",
        type="tertiary",
    )
    if collection.role == "viewer":
        return
    if document.state.terminal:
        st.button(
            t("library.reprocess"),
            icon=":material/refresh:",
            type="tertiary",
            key="document-reprocess",
            on_click=_reprocess,
            args=(document, collection),
        )
    st.button(
        t("library.delete"),
        icon=":material/delete:",
        type="tertiary",
        key="document-delete",
        on_click=_delete,
        args=(document, collection),
    )


def _reprocess(document: DocumentReply, collection: CollectionReply) -> None:
    act(collection, "reprocess", [document.document_id])


def _delete(document: DocumentReply, collection: CollectionReply) -> None:
    if act(collection, "delete", [document.document_id]):
        st.query_params.from_dict({"c": collection.slug})  # where the way back is offered


def _progress(shown: DocumentReply, collection: CollectionReply) -> None:
    """Show where the document is on its way, until that changes what the page shows."""
    document = lectern().documents.get(shown.document_id)
    if (document.state.terminal, bool(document.chunks)) != (
        shown.state.terminal,
        bool(shown.chunks),
    ):
        st.rerun()
    row = row_of(document, may_edit=collection.role != "viewer")
    row["actions"] = [action for action in row["actions"] if action["name"] == "retry"]
    list_of.rows(
        [row],
        key="document-row",
        label=t("library.progress"),
        labels={name: t(f"library.list_{name}") for name in list_of.LABELS},
        on_open=lambda: None,
        on_act=lambda: _retry(document, collection),
    )
    if document.failure and own_words(document.failure):
        st.caption(plain(own_words(document.failure)))
    show_notices()


def _retry(document: DocumentReply, collection: CollectionReply) -> None:
    act(collection, "retry", [document.document_id])
