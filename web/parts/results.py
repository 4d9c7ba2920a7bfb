"""What a search found: passages with their relevance, and the page of the one that is opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from lectern.api import DocumentReply, Passage, SearchReply
from lectern.documents import new_id
from lectern.errors import NotFound
from web.components import passages as cards_of
from web.components.bars import Part, bars
from web.components.passages import Card, Meter
from web.components.viewer import Highlight, ViewerData, viewer
from web.language import t
from web.parts.amounts import duration_text
from web.parts.chunks import blocks_of, kind_text, pages_to_show
from web.parts.document_passages import figure_address, viewer_labels
from web.parts.matches import terms
from web.parts.said import notice_text
from web.session import lectern

_CARDS = "search-cards"
_VIEWER = "search-viewer"
_OPENED = "search:opened"
_BETWEEN = " \u203a "  # between headings
_SIGNALS: Mapping[str, Literal["vector", "text", "rerank"]] = {
    "vector": "vector",
    "text": "text",
    "rerank": "rerank",
}
_STEPS: Mapping[str, Literal["gray", "violet", "orange", "blue", "green", "yellow"]] = {
    "authorise": "gray",
    "embed": "blue",
    "vector": "violet",
    "text": "orange",
    "fuse": "green",
    "expand": "yellow",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """The passage whose page is shown; `wide` is whether there is room beside the list."""

    chunk_id: str
    wide: bool
    nonce: str


def results(query: str, reply: SearchReply) -> None:
    """Show the passages and, once one is chosen, where it stands."""
    for warning in reply.warnings:
        st.warning(notice_text(warning), icon=":material/info:")
    st.fragment(_results, key="search-results")(query, reply)


def card_of(number: int, passage: Passage, wanted: Sequence[str]) -> Card:
    """Return a passage as a card with its relevance and what each signal said."""
    figure = ""
    if passage.figure_key:
        figure = figure_address(passage.document_id, passage.figure_key, passage.revision)
    return Card(
        id=passage.chunk_id,
        number=number,
        source=passage.document_name,
        place=_place(passage),
        kind=kind_text(passage.kind),
        headings=passage.heading_path,
        blocks=blocks_of(passage.text, passage.kind, wanted),
        figure=figure,
        figure_label=t("library.figure_label", page=passage.page_number),
        relevance=_meter(t("search.relevance"), passage.relevance, ""),
        signals=[
            _meter(t(f"search.signal_{name}"), value, _SIGNALS[name])
            for name, value in passage.relevances.items()
            if name in _SIGNALS
        ],
    )


def highlights_of(passages: Sequence[Passage], chosen: Passage) -> tuple[Sequence[Highlight], int]:
    """Return the places of every passage of the chosen one's document, and which is the chosen's.

    A passage that spans pages has a place on each.
    """
    found: list[Highlight] = []
    active = 0
    for number, passage in enumerate(passages, start=1):
        if (passage.document_id, passage.revision) != (chosen.document_id, chosen.revision):
            continue
        if passage.chunk_id == chosen.chunk_id:
            active = len(found)
        pages: dict[int, list[list[float]]] = {}
        for box in passage.lines or passage.boxes:
            pages.setdefault(box.page_number, []).append([box.x0, box.y0, box.x1, box.y1])
        for page, boxes in sorted((pages or {passage.page_number: []}).items()):
            found.append(
                Highlight(
                    number=number,
                    page=page,
                    boxes=boxes,
                    text=passage.text,
                    start=0,
                    end=0,
                    heading=_BETWEEN.join(passage.heading_path),
                )
            )
    return found, active


def timing_parts(timings_ms: Mapping[str, float]) -> Sequence[Part]:
    """Return the steps of a search in their order; those that ran side by side each in full."""
    return [
        Part(
            label=t(f"search.step_{name}"),
            text=duration_text(timings_ms[name]),
            value=timings_ms[name],
            tone=tone,
        )
        for name, tone in _STEPS.items()
        if name in timings_ms
    ]


def _results(query: str, reply: SearchReply) -> None:
    opened: Opened | None = st.session_state.get(_OPENED)
    chosen = next((p for p in reply.passages if opened and p.chunk_id == opened.chunk_id), None)
    if opened is None or chosen is None:
        _cards(query, reply, "")
    elif opened.wide:
        left, right = st.columns([5, 6], gap="medium")
        with left:
            _cards(query, reply, chosen.chunk_id)
        with right, st.container(key="search-page"):
            _page(reply, chosen, opened)
    else:
        _cards(query, reply, chosen.chunk_id)
        _drawer(reply, chosen, opened)


def _cards(query: str, reply: SearchReply, active: str) -> None:
    wanted = terms(query)
    st.caption(t("search.found", count=len(reply.passages)))
    cards_of.passages(
        [card_of(number, each, wanted) for number, each in enumerate(reply.passages, start=1)],
        key=_CARDS,
        label=t("search.passages"),
        labels={name: t(f"library.card_{name}") for name in cards_of.LABELS},
        active=active,
        on_open=_open,
    )
    parts = timing_parts(reply.timings_ms)
    if parts:
        total = duration_text(reply.timings_ms.get("total", sum(part["value"] for part in parts)))
        bars(parts, key="search-bars", label=t("search.took"), total=total)


def _open() -> None:
    if asked := st.session_state[_CARDS].open:
        st.session_state[_OPENED] = Opened(asked["id"], bool(asked["wide"]), new_id())


def _close() -> None:
    st.session_state.pop(_OPENED, None)


def _drawer(reply: SearchReply, chosen: Passage, opened: Opened) -> None:
    @st.dialog(t("search.page_of"), width="large", position="right", on_dismiss=_close)
    def drawer() -> None:
        _page(reply, chosen, opened)

    drawer()


def _page(reply: SearchReply, chosen: Passage, opened: Opened) -> None:
    document = _document(chosen.document_id)
    places, active = highlights_of(reply.passages, chosen)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.link_button(
            t("search.open_document"),
            "/library?" + urlencode({"d": chosen.document_id}),
            icon=":material/open_in_new:",
            type="tertiary",
        )
        if opened.wide:
            st.button(
                "",
                icon=":material/close:",
                type="tertiary",
                key="search-close",
                help=t("search.close"),
                on_click=_close,
            )
    if document is None:
        st.info(t("search.gone"), icon=":material/delete:")
    current = document is not None and document.revision == chosen.revision
    viewer(
        ViewerData(
            document=chosen.document_id,
            revision=chosen.revision,
            title=chosen.document_name,
            page_count=pages_to_show(document) if document and current else 0,
            highlights=places,
            active=active,
            nonce=opened.nonce,
            labels=viewer_labels(),
            original_url="",
        ),
        key=_VIEWER,
        on_pick=lambda: _picked(reply, places),
    )


def _picked(reply: SearchReply, places: Sequence[Highlight]) -> None:
    asked = st.session_state[_VIEWER].pick
    opened: Opened | None = st.session_state.get(_OPENED)
    if asked and opened and 0 <= asked["index"] < len(places):
        passage = reply.passages[places[asked["index"]]["number"] - 1]
        st.session_state[_OPENED] = Opened(passage.chunk_id, opened.wide, new_id())


def _document(document_id: str) -> DocumentReply | None:
    try:
        return lectern().documents.get(document_id)
    except NotFound:
        return None


def _place(passage: Passage) -> str:
    """Return the page, where the document has pages a reader knows."""
    paged = bool(passage.boxes) or passage.page_number > 1
    return t("library.page_number", page=passage.page_number) if paged else ""


def _meter(label: str, value: float, tone: Literal["vector", "text", "rerank", ""]) -> Meter:
    return Meter(label=label, text=f"{value:.2f}", share=value, tone=tone)
