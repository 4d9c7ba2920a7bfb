"""Deleted a moment ago: a bar to take it back, for as long as the trash keeps it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from lectern.api import BulkRequest, BulkResult, CollectionReply
from lectern.errors import LecternError
from web.language import t
from web.parts.citations import plain
from web.parts.notices import trouble
from web.session import lectern

_STATE = "library:deleted"


def remember_deletion(results: Sequence[BulkResult]) -> None:
    """Offer to bring these documents back from now on."""
    kept = [each.document for each in results if each.document and each.document.trashed_until]
    if kept:
        until = min(each.trashed_until for each in kept if each.trashed_until)
        name = kept[0].name if len(kept) == 1 else ""
        st.session_state[_STATE] = ([each.document_id for each in kept], name, until)


def offer_undo(collection: CollectionReply) -> bool:
    """Show the bar while what was deleted last can be brought back; return whether it is shown."""
    ids, name, until = st.session_state.get(_STATE, ([], "", datetime.min.replace(tzinfo=UTC)))
    if datetime.now(UTC) >= until:
        st.session_state.pop(_STATE, None)
        return False
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key="library-undo",
        border=True,
    ):
        st.text(
            t("library.deleted_one", name=name) if name else t("library.deleted", count=len(ids))
        )
        st.button(
            t("library.undo"),
            icon=":material/undo:",
            key="library-undo-button",
            on_click=_undo,
            args=(collection, ids),
        )
    return True


def _undo(collection: CollectionReply, ids: Sequence[str]) -> None:
    st.session_state.pop(_STATE, None)
    try:
        request = BulkRequest(ids=list(ids), action="restore")
        results = lectern().documents.bulk(collection.collection_id, request).results
    except LecternError as error:
        trouble(plain(error.detail))
        return
    for detail in dict.fromkeys(each.detail for each in results if not each.done):
        trouble(plain(detail))
