"""How the list of documents is asked for: by name, state and tags, and in which order."""

from collections.abc import Callable, Sequence

import streamlit as st

from lectern.api import CollectionReply, DocumentQuery, TagReply, UserSettingsChange
from lectern.documents import DocumentSort
from lectern.errors import LecternError
from web.language import t
from web.parts.documents import STATE_GROUPS
from web.parts.notices import trouble
from web.parts.said import error_text
from web.session import current, forget_user, lectern

ORDERS: Sequence[DocumentSort] = (
    "-created", "created", "-updated", "updated", "name", "-name", "-size", "size", "-pages",
    "pages", "-state", "state",
)  # fmt: skip
_TAGS = "library:tags"
_NAME, _GROUP, _CHOSEN, _ORDER = "library-name", "library-group", "library-tags", "library-sort"


def filters(
    collection: CollectionReply, *, limit: int, cursor: str, changed: Callable[[], None]
) -> DocumentQuery:
    """Show what the list can be narrowed and ordered by; return what was chosen.

    Args:
        collection: Whose documents.
        limit: How many fit on a page of the list.
        cursor: Where this page begins.
        changed: Called when another choice makes the list begin anew.
    """
    name = st.text_input(
        t("library.filter_name"),
        type="search",
        live="300ms",
        key=_NAME,
        placeholder=t("library.filter_name"),
        label_visibility="collapsed",
        width=190,
        on_change=changed,
    )
    group = st.pills(
        t("library.filter_state"),
        list(STATE_GROUPS),
        format_func=lambda each: t(f"library.group_{each}"),
        key=_GROUP,
        label_visibility="collapsed",
        on_change=changed,
    )
    return DocumentQuery(
        limit=limit,
        cursor=cursor,
        state=list(STATE_GROUPS[group]) if group else [],
        name=(name or "").strip(),
        tag=_tag_filter(tags_of(collection), changed),
        sort=_order(changed),
    )


def clear_filters() -> None:
    """Show all documents again; their order stays."""
    st.session_state.update({_NAME: "", _GROUP: None, _CHOSEN: []})


def tags_of(collection: CollectionReply) -> Sequence[TagReply]:
    """Return the tags in a collection, the most used first, as they were when last asked for."""
    known = st.session_state.get(_TAGS)
    if known is None or known[0] != collection.collection_id:
        known = (collection.collection_id, lectern().collections.tags(collection.collection_id))
        st.session_state[_TAGS] = known
    return list(known[1])


def look_for_tags() -> None:
    """Ask anew which tags there are at the next look."""
    st.session_state.pop(_TAGS, None)


def _tag_filter(tags: Sequence[TagReply], changed: Callable[[], None]) -> list[str]:
    counts = {each.tag: each.documents for each in tags}
    chosen: list[str] = st.session_state.get(_CHOSEN, [])
    if not counts and not chosen:
        return []
    return st.multiselect(
        t("library.filter_tags"),
        list(dict.fromkeys([*counts, *chosen])),  # what was chosen may have gone meanwhile
        format_func=lambda tag: f"{tag} · {counts[tag]}" if tag in counts else tag,
        key=_CHOSEN,
        placeholder=t("library.filter_tags"),
        label_visibility="collapsed",
        on_change=changed,
        width=220,
    )


def _order(changed: Callable[[], None]) -> DocumentSort:
    def chosen() -> None:
        changed()
        try:
            lectern().settings.change(UserSettingsChange(documents_sort=st.session_state[_ORDER]))
        except LecternError as error:
            trouble(error_text(error))
        forget_user()

    return st.selectbox(
        t("library.sort"),
        ORDERS,
        index=ORDERS.index(current().settings.documents_sort),
        format_func=_order_text,
        key=_ORDER,
        icon=":material/swap_vert:",
        label_visibility="collapsed",
        on_change=chosen,
        required=True,
        width=180,
    )


def _order_text(order: DocumentSort) -> str:
    name = order.replace("-", "down_")
    return t(f"library.sort_{name}")
