"""Doing the same to one or many documents, and saying what became of it."""

from collections.abc import Callable, Sequence

import streamlit as st

from lectern.api import BulkRequest, CollectionReply
from lectern.api.changes import BulkAction
from lectern.errors import LecternError
from web.language import t
from web.parts.listing import look_for_tags
from web.parts.notices import notice, trouble
from web.parts.said import error_text
from web.parts.undo import look_into_trash
from web.session import lectern


def act(
    collection: CollectionReply, action: BulkAction, ids: Sequence[str], tags: Sequence[str] = ()
) -> bool:
    """Do it; a toast says how it went. Return whether something was done."""
    try:
        request = BulkRequest(ids=list(ids), action=action, tags=list(tags))
        results = lectern().documents.bulk(collection.collection_id, request).results
    except LecternError as error:
        trouble(error_text(error))
        return False
    for reason in dict.fromkeys(error_text(each) for each in results if not each.done):
        trouble(reason)
    done = [each for each in results if each.done]
    look_for_tags()
    if action in {"delete", "restore"}:
        look_into_trash()
    if done and action != "delete":
        notice(t(f"library.done_{action}", count=len(done)))
    return bool(done)


def ask_for_tags(
    collection: CollectionReply,
    ids: Sequence[str],
    *,
    known: Sequence[str],
    done: Callable[[], None],
) -> None:
    """Open the dialog that gives tags to documents or takes them away.

    Args:
        collection: Where the documents are.
        ids: Which documents.
        known: Tags to choose from; others can be typed.
        done: Called when the dialog is closed, whatever was done.
    """

    @st.dialog(t("library.tag_title", count=len(ids)), on_dismiss=done)
    def dialog() -> None:
        chosen: list[str] = []
        if known:
            chosen = st.multiselect(
                t("library.tags"),
                list(known),
                key="library-dialog-tags",
                placeholder=t("library.tags_placeholder"),
            )
        typed = st.text_input(
            t("library.new_tags"),
            key="library-dialog-new",
            live="200ms",
            placeholder=t("library.new_tags_placeholder"),
        )
        new = [tag.strip() for tag in typed.split(",") if tag.strip()]
        tags = list(dict.fromkeys([*chosen, *new]))
        with st.container(horizontal=True, horizontal_alignment="right"):
            take = st.button(t("library.tags_remove"), disabled=not tags, key="library-untag")
            give = st.button(
                t("library.tags_add"), type="primary", disabled=not tags, key="library-tag"
            )
        if take or give:
            act(collection, "tag" if give else "untag", ids, tags)
            done()
            st.rerun()

    dialog()
