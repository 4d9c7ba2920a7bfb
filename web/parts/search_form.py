"""What to search for, where and how: the form of the search page, kept in its address."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from lectern.api import CollectionReply
from web.language import t
from web.parts.searching import (
    KINDS,
    MODES,
    NEIGHBOURS_MAX,
    TOP_K_MAX,
    Asked,
    asked_of,
    pairs_of,
    params_of,
)

_KEY = "search-"
_BEGUN = "search:begun"
_TYPES: Mapping[str, str] = {
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "text/html": "HTML",
    "text/markdown": "Markdown",
    "text/plain": "Text",
    "text/csv": "CSV",
    "message/rfc822": "E-mail",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
}


def search_form(collections: Sequence[CollectionReply]) -> Asked:
    """Show the form, and return the search it stands for; the address follows it."""
    _begin()
    st.text_input(
        t("search.question"),
        key=_KEY + "query",
        type="search",
        placeholder=t("search.placeholder"),
        label_visibility="collapsed",
        max_chars=8000,
        icon=":material/search:",
    )
    with st.container(horizontal=True, vertical_alignment="center", key="search-bar"):
        st.segmented_control(
            t("search.mode"),
            MODES,
            required=True,
            format_func=lambda mode: t(f"search.mode_{mode}"),
            key=_KEY + "mode",
            label_visibility="collapsed",
        )
        names = {each.slug: each.name for each in collections}
        st.multiselect(
            t("search.collections"),
            list(dict.fromkeys([*names, *st.session_state[_KEY + "collections"]])),
            format_func=lambda slug: names.get(slug, slug),
            key=_KEY + "collections",
            placeholder=t("search.all_collections"),
            label_visibility="collapsed",
            width=250,
        )
        _more()
    asked = _asked()
    st.query_params.from_dict(params_of(asked))
    return asked


def _more() -> None:
    count = _asked().filters
    label = t("search.filters_on", count=count) if count else t("search.filters")
    with st.popover(label, icon=":material/tune:"):
        left, right = st.columns(2)
        left.number_input(t("search.top_k"), 1, TOP_K_MAX, key=_KEY + "top_k")
        right.number_input(
            t("search.neighbours"),
            0,
            NEIGHBOURS_MAX,
            key=_KEY + "neighbours",
            help=t("search.neighbours_help"),
        )
        st.toggle(t("search.rerank"), key=_KEY + "rerank")
        st.multiselect(
            t("search.tags"),
            st.session_state[_KEY + "tags"],
            accept_new_options=True,
            key=_KEY + "tags",
            placeholder=t("search.tags_placeholder"),
        )
        st.pills(
            t("search.kinds"),
            KINDS,
            selection_mode="multi",
            format_func=lambda kind: t(f"search.kind_{kind}"),
            key=_KEY + "kinds",
        )
        known = dict.fromkeys([*_TYPES, *st.session_state[_KEY + "content_types"]])
        st.multiselect(
            t("search.types"),
            list(known),
            format_func=lambda each: _TYPES.get(each, each),
            key=_KEY + "content_types",
            placeholder=t("search.any"),
        )
        st.text_input(t("search.pages"), key=_KEY + "pages", placeholder="1-3, 7")
        left, right = st.columns(2)
        left.date_input(t("search.after"), key=_KEY + "after", format="YYYY-MM-DD")
        right.date_input(t("search.before"), key=_KEY + "before", format="YYYY-MM-DD")
        st.text_input(t("search.metadata"), key=_KEY + "metadata", placeholder="year=2026")
        st.button(t("search.reset"), key="search-reset", on_click=_reset)


def _begin() -> None:
    """Fill the form from the address when the page is opened."""
    if _KEY + "query" in st.session_state and st.session_state.get(_BEGUN):
        return
    params = {name: st.query_params.get_all(name) for name in st.query_params}
    _fill(asked_of(params))
    st.session_state[_BEGUN] = True


def _fill(asked: Asked) -> None:
    values: dict[str, Any] = {
        "query": asked.query,
        "collections": list(asked.collections),
        "documents": list(asked.documents),
        "mode": asked.mode,
        "top_k": asked.top_k,
        "neighbours": asked.neighbours,
        "rerank": asked.rerank,
        "tags": list(asked.tags),
        "kinds": list(asked.kinds),
        "content_types": list(asked.content_types),
        "pages": asked.pages,
        "after": asked.after,
        "before": asked.before,
        "metadata": ", ".join(f"{name}={value}" for name, value in asked.metadata),
    }
    st.session_state.update({_KEY + name: value for name, value in values.items()})


def _reset() -> None:
    state = st.session_state
    _fill(Asked(query=state[_KEY + "query"], collections=tuple(state[_KEY + "collections"])))


def _asked() -> Asked:
    def value(name: str) -> Any:
        return st.session_state[_KEY + name]

    return Asked(
        query=value("query") or "",
        collections=tuple(value("collections")),
        documents=tuple(value("documents")),
        mode=value("mode"),
        top_k=value("top_k"),
        neighbours=value("neighbours"),
        rerank=value("rerank"),
        tags=tuple(value("tags")),
        kinds=tuple(value("kinds") or ()),
        content_types=tuple(value("content_types")),
        pages=value("pages") or "",
        after=_day(value("after")),
        before=_day(value("before")),
        metadata=tuple(pairs_of((value("metadata") or "").split(","))),
    )


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None
