"""Where a question searches: collections as pills or a list to type in, documents in a popover."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import streamlit as st

from lectern.api import CollectionReply, ConversationScope, DocumentQuery, DocumentReply
from lectern.documents import DocumentState
from lectern.errors import LecternError, NotFound
from web.language import t
from web.parts import conversation
from web.parts.assistant_picker import assistant_picker
from web.parts.citations import plain
from web.parts.outer_tools import tool_picker
from web.parts.reasoning import way_of_answering
from web.parts.said import error_text
from web.session import lectern

_COLLECTIONS = "chat.collections"
_NAMES = "chat.document_names"
_FRESH_S = 30.0
_MOST_PILLS = 12
_MOST_ROWS = 12
_AT_ONCE = 8
_MOST_CHOSEN = 100  # as many as a question may name


def collections() -> Sequence[CollectionReply]:
    """Return the person's collections, at most half a minute old."""
    known = st.session_state.get(_COLLECTIONS)
    if known is None or time.monotonic() - known[0] > _FRESH_S:
        known = (time.monotonic(), lectern().collections.list())
        st.session_state[_COLLECTIONS] = known
    found: Sequence[CollectionReply] = known[1]
    return found


def scope_row(scope: ConversationScope, conversation_id: str) -> None:
    """Show and change where the next question searches."""
    known = collections()
    if not known:
        return
    with st.container(key="scope", horizontal=True, vertical_alignment="center", gap="small"):
        names = {each.collection_id: each.name for each in known}
        chosen = [each for each in scope.collections if each in names]
        if len(known) > _MOST_PILLS:
            _many(names, chosen, f"scope-many-{conversation_id or 'new'}")
        elif len(known) > 1:
            _few(names, chosen, f"scope-{conversation_id or 'new'}")
        for document_id in scope.documents:
            st.button(
                plain(_name_of(document_id)),
                icon=":material/close:",
                key=f"chip-{document_id}",
                help=t("chat.scope_remove"),
                on_click=_drop,
                args=(document_id,),
            )
        picker = st.popover(
            t("chat.scope_documents"),
            icon=":material/description:",
            type="tertiary",
            key="document-picker",
            on_change="rerun",
        )
        if picker.open:
            with picker:
                _picker()
        assistant = assistant_picker()
        if assistant is None or assistant.manner.reasoning is None:
            way_of_answering()
        tool_picker()


def _few(names: Mapping[str, str], chosen: Sequence[str], key: str) -> None:
    st.pills(
        t("chat.scope_collections"),
        list(names),
        selection_mode="multi",
        default=chosen,
        format_func=lambda each: names[each],
        key=key,
        label_visibility="collapsed",
        on_change=_choose_collections,
        args=(key,),
    )


def _many(names: Mapping[str, str], chosen: Sequence[str], key: str) -> None:
    st.multiselect(
        t("chat.scope_collections"),
        list(names),
        default=chosen,
        format_func=lambda each: names[each],
        key=key,
        placeholder=t("search.all_collections"),
        label_visibility="collapsed",
        width=300,
        max_selections=_MOST_CHOSEN,
        on_change=_choose_collections,
        args=(key,),
    )


@st.fragment
def _picker() -> None:
    scope = conversation.current().scope
    text = st.text_input(
        t("chat.scope_find"), type="search", live=True, key="document-search",
        placeholder=t("chat.scope_find"), label_visibility="collapsed",
    )  # fmt: skip
    found = find_documents(text or "", scope)
    if not found:
        st.caption(t("chat.scope_nothing"))
    for document in found[:_MOST_ROWS]:
        remember_name(document)
        chosen = st.checkbox(
            plain(document.name),
            value=document.document_id in scope.documents,
            key=f"pick-{document.document_id}",
        )
        if chosen != (document.document_id in scope.documents):
            add(document) if chosen else _drop(document.document_id)
            st.rerun()


def find_documents(text: str, scope: ConversationScope) -> Sequence[DocumentReply]:
    """Return ready documents of the scope's collections whose name contains `text`.

    Some collections are asked at once, and no more of them than there are rows to fill.
    """
    query = DocumentQuery(name=text, limit=_MOST_ROWS, state=[DocumentState.READY])
    wanted = scope.collections or [each.collection_id for each in collections()]
    documents = lectern().documents

    def of(collection_id: str) -> Sequence[DocumentReply]:
        try:
            return documents.list(collection_id, query).documents
        except NotFound:
            return ()  # it was deleted, or is no longer shared

    found: list[DocumentReply] = []
    with ThreadPoolExecutor(_AT_ONCE) as asking:
        for begin in range(0, len(wanted), _AT_ONCE):
            for some in asking.map(of, wanted[begin : begin + _AT_ONCE]):
                found += some
            if len(found) >= _MOST_ROWS:
                break
    return found


def add(document: DocumentReply) -> None:
    """Search in a document from now on."""
    remember_name(document)
    scope = conversation.current().scope
    if document.document_id not in scope.documents:
        documents = [*scope.documents, document.document_id]
        _choose(scope.model_copy(update={"documents": documents}))


def remember_name(document: DocumentReply) -> None:
    """Keep a document's name for its chip."""
    st.session_state.setdefault(_NAMES, {})[document.document_id] = document.name


def _name_of(document_id: str) -> str:
    names: dict[str, str] = st.session_state.setdefault(_NAMES, {})
    if document_id not in names:
        try:
            names[document_id] = lectern().documents.get(document_id).name
        except NotFound:
            names[document_id] = t("chat.scope_gone")
    return names[document_id]


def _drop(document_id: str) -> None:
    scope = conversation.current().scope
    documents = [each for each in scope.documents if each != document_id]
    _choose(scope.model_copy(update={"documents": documents}))


def _choose_collections(key: str) -> None:
    chosen = list(st.session_state[key])
    _choose(conversation.current().scope.model_copy(update={"collections": chosen}))


def _choose(scope: ConversationScope) -> None:
    saying_why(lambda: conversation.choose_scope(scope))


def saying_why(act: Callable[[], None]) -> None:
    """Do what a click asked for; where Lectern refuses, say why."""
    try:
        act()
    except LecternError as error:
        st.toast(error_text(error), icon=":material/error:")
