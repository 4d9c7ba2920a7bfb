"""Deleted a moment ago: a bar to bring it back, for as long as the trash keeps it.

The trash itself is asked, so the way back survives a reload and another editor's deletions are
there too; once when a collection is opened and whenever something was deleted or brought back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from lectern.api import BulkRequest, CollectionReply, DocumentQuery
from lectern.errors import LecternError
from web.language import t
from web.parts.amounts import left_text
from web.parts.notices import trouble
from web.parts.said import error_text
from web.session import lectern

_STATE = "library:deleted"
_MOST = 100
_COUNTED_DOWN_S = 120.0  # a longer time is told in minutes or days and needs no watching


@dataclass(frozen=True, slots=True)
class Deleted:
    """A document in the trash, until when."""

    document_id: str
    name: str
    until: datetime


def look_into_trash() -> None:
    """Ask anew what is in the trash at the next look."""
    st.session_state.pop(_STATE, None)


def offer_undo(collection: CollectionReply, *, now: datetime | None = None) -> bool:
    """Show the bar while something can be brought back; return whether its seconds are counted."""
    moment = now or datetime.now(UTC)
    found = [each for each in _trash(collection) if each.until > moment]
    if not found:
        return False
    left_s = (found[0].until - moment).total_seconds()
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key="library-undo",
        border=True,
    ):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            one = len(found) == 1
            st.text(
                t("library.deleted_one", name=found[0].name)
                if one
                else t("library.deleted", count=len(found)),
                width="content",
            )
            st.caption(left_text(left_s), width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if not one:
                _choice(collection, found, moment)
            st.button(
                t("library.undo"),
                icon=":material/undo:",
                key="library-undo-button",
                on_click=_restore,
                args=(collection, [each.document_id for each in found]),
            )
    return left_s < _COUNTED_DOWN_S


def _choice(collection: CollectionReply, found: Sequence[Deleted], moment: datetime) -> None:
    with st.popover(t("library.deleted_which"), type="tertiary"):
        for each in found:
            with st.container(
                horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
            ):
                st.text(each.name, width="stretch")
                st.caption(left_text((each.until - moment).total_seconds()), width="content")
                st.button(
                    t("library.bring_back"),
                    key=f"library-restore-{each.document_id}",
                    on_click=_restore,
                    args=(collection, [each.document_id]),
                )


def _trash(collection: CollectionReply) -> Sequence[Deleted]:
    """Return what can be brought back, the soonest gone first."""
    known = st.session_state.get(_STATE)
    if known is None or known[0] != collection.collection_id:
        query = DocumentQuery(trashed=True, limit=_MOST)
        listed = lectern().documents.list(collection.collection_id, query).documents
        found = [
            Deleted(each.document_id, each.name, each.trashed_until)
            for each in listed
            if each.trashed_until
        ]
        known = (collection.collection_id, sorted(found, key=lambda each: each.until))
        st.session_state[_STATE] = known
    return list(known[1])


def _restore(collection: CollectionReply, ids: Sequence[str]) -> None:
    look_into_trash()
    try:
        request = BulkRequest(ids=list(ids), action="restore")
        results = lectern().documents.bulk(collection.collection_id, request).results
    except LecternError as error:
        trouble(error_text(error))
        return
    for reason in dict.fromkeys(error_text(each) for each in results if not each.done):
        trouble(reason)
