"""The documents of a collection: uploads, the list with its progress, and what is done to them.

All of it is one keyed fragment. It polls while something is on its way, and only then.
"""

import streamlit as st

from lectern.api import CollectionReply, DocumentList, DocumentQuery
from web.components import rows as list_of
from web.language import t
from web.parts.acting import act, ask_for_tags
from web.parts.adding import address, uploads
from web.parts.documents import bulk_actions, row_of
from web.parts.listing import clear_filters, filters, look_for_tags, tags_of
from web.parts.notices import show_notices
from web.parts.stages import moving
from web.parts.undo import look_into_trash, offer_undo
from web.session import lectern

POLL_S = 1.5
PAGE = 50

LIST = "library-documents"
_OF = "library:of"  # the collection that the rest of this state is about
_POLLS = "library:polls"  # whether the fragment has a timer
_CURSORS = "library:cursors"  # how the pages of the list up to this one began
_TAGGING = "library:tagging"  # documents whose tags are being asked for
_RERUN = "library:rerun"  # a callback of the fragment changed what the whole page shows


def documents_list(collection: CollectionReply) -> None:
    """Show the documents of a collection, and whatever they are in the middle of."""
    state = st.session_state
    if state.get(_OF) != collection.collection_id:
        state.update({_OF: collection.collection_id, _CURSORS: [""], _POLLS: False})
        state.pop(_TAGGING, None)
        look_for_tags()
        look_into_trash()
    tagging = state.get(_TAGGING)
    # A poll would close the dialog, which belongs to the page.
    run_every = POLL_S if state[_POLLS] and not tagging else None
    st.fragment(_documents, run_every=run_every, key="library-list")(collection)
    if tagging:
        known = [each.tag for each in tags_of(collection)]
        ask_for_tags(collection, tagging, known=known, done=_tagged)


def _documents(collection: CollectionReply) -> None:
    if st.session_state.pop(_RERUN, False):
        st.rerun()
    may_edit = collection.role != "viewer"
    if may_edit:
        uploads(collection, added=_first_page)
    with st.container(horizontal=True, vertical_alignment="center", key="library-filters"):
        query = filters(
            collection, limit=PAGE, cursor=st.session_state[_CURSORS][-1], changed=_first_page
        )
        if may_edit:
            address(collection, added=_first_page)
    undoing = may_edit and offer_undo(collection)
    with st.container(key="library-shelf"):
        found = lectern().documents.list(collection.collection_id, query)
        if found.documents:
            _list(collection, found, may_edit=may_edit)
        else:
            _nothing(query, may_edit=may_edit)
    polls = undoing or any(moving(each) for each in found.documents)
    if st.session_state[_POLLS] != polls:
        st.session_state[_POLLS] = polls
        look_for_tags()  # what has come meanwhile may have brought some
        st.rerun()  # only the page can set the timer
    show_notices()


def _list(collection: CollectionReply, found: DocumentList, *, may_edit: bool) -> None:
    list_of.rows(
        [row_of(each, may_edit=may_edit) for each in found.documents],
        key=LIST,
        label=t("library.documents_of", name=collection.name),
        labels={name: t(f"library.list_{name}") for name in list_of.LABELS},
        bulk=bulk_actions() if may_edit else [],
        on_open=_opened,
        on_act=lambda: _acted(collection),
    )
    _paging(found)


def _opened() -> None:
    if asked := st.session_state[LIST].open:
        st.query_params.from_dict({"d": asked["id"]})
        st.session_state[_RERUN] = True


def _acted(collection: CollectionReply) -> None:
    asked = st.session_state[LIST].act
    if not asked:
        return
    if asked["name"] == "tag":
        st.session_state[_TAGGING] = list(asked["ids"])
        st.session_state[_RERUN] = True
    else:
        act(collection, asked["name"], asked["ids"])


def _tagged() -> None:
    st.session_state.pop(_TAGGING, None)


def _first_page() -> None:
    st.session_state[_CURSORS] = [""]


def _paging(found: DocumentList) -> None:
    cursors = st.session_state[_CURSORS]
    if len(cursors) == 1 and not found.cursor:
        return
    with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center"):
        st.button(
            t("library.newer"),
            icon=":material/chevron_left:",
            disabled=len(cursors) == 1,
            on_click=cursors.pop,
            key="library-newer",
        )
        st.caption(t("library.page_of_list", number=len(cursors)))
        st.button(
            t("library.older"),
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=not found.cursor,
            on_click=cursors.append,
            args=(found.cursor,),
            key="library-older",
        )


def _nothing(query: DocumentQuery, *, may_edit: bool) -> None:
    filtered = bool(query.state or query.name or query.tag)
    with st.container(key="library-nothing", horizontal_alignment="center"):
        if filtered:
            st.markdown(f"**{t('library.none_match')}**", text_alignment="center")
            st.button(t("library.clear_filters"), on_click=_clear_filters, key="library-clear")
        else:
            st.markdown(f"**{t('library.empty_title')}**", text_alignment="center")
            text = "library.empty_text" if may_edit else "library.empty_text_viewer"
            st.caption(t(text), text_alignment="center")


def _clear_filters() -> None:
    clear_filters()
    _first_page()
