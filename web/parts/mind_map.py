"""The mind map of an answer or a document: drawn when it is wanted, kept in the session."""

from collections.abc import Callable, Sequence

import streamlit as st

from lectern.api import MindMapNode, MindMapPlace, MindMapReply, MindMapRequest
from lectern.errors import LecternError
from lectern.mind_maps import as_markdown, as_svg
from web.components import mind_map as component
from web.components.mind_map import LABELS, Node
from web.language import t
from web.parts.said import error_text, notice_text
from web.session import lectern

_MAPS = "map.drawn"
_MOST_KEPT = 8
_MOST_PAGES = 4

Open = Callable[[MindMapPlace, int], None]
"""Called with the place a branch rests on and the window's width in CSS pixels."""
Ask = Callable[[str], None]
"""Called with a question."""


def shown_map(map_id: str, request: MindMapRequest, *, on_open: Open, on_ask: Ask | None) -> None:
    """Show a map, drawn at its first time; what stands in its way is said instead.

    Args:
        map_id: What it is a map of; letters, digits and hyphens.
        request: Asked once for this id.
        on_open: Opens the page of a branch.
        on_ask: Asks about a branch; None while nothing can be asked.
    """
    try:
        reply = _drawn(map_id, request)
    except LecternError as error:
        st.warning(error_text(error), icon=":material/hub:")
        return
    key = f"map-{map_id}"

    def opened() -> None:
        asked = st.session_state[key].open
        if (node := found(reply.root, asked["id"])) and node.places:
            on_open(node.places[0], int(asked["width"]))

    def asked_about() -> None:
        node = found(reply.root, st.session_state[key].ask["id"])
        if node and on_ask:
            on_ask(question_about(node))

    notes = [t(f"chat.map_{reply.kind}"), *map(notice_text, reply.warnings)]
    st.caption("  \n".join(notes))
    component.mind_map(
        nodes_of(reply.root, askable=on_ask is not None),
        key=key,
        map_id=map_id,
        label=t("chat.map"),
        labels={name: t(f"chat.map_{name}") for name in LABELS},
        on_open=opened,
        on_ask=asked_about,
    )
    with st.container(horizontal=True, gap="xsmall"):
        for form, kind, data in (
            ("md", "text/markdown", as_markdown(reply.root)),
            ("svg", "image/svg+xml", as_svg(reply.root)),
        ):
            st.download_button(
                t(f"chat.map_as_{form}"),
                data,
                file_name=f"mind-map.{form}",
                mime=kind,
                icon=":material/download:",
                type="tertiary",
                key=f"map-{form}-{map_id}",
                on_click="ignore",
            )


def nodes_of(root: MindMapNode, *, askable: bool, way: str = "") -> Sequence[Node]:
    """Return what hangs on a branch as the component wants it; ids are ways such as `0.2.1`."""
    return [
        Node(
            id=f"{way}{at}",
            title=child.title,
            pages=_pages(child.places),
            ask=t("chat.map_explain", title=child.title) if askable else "",
            children=nodes_of(child, askable=askable, way=f"{way}{at}."),
        )
        for at, child in enumerate(root.children)
    ]


def found(root: MindMapNode, way: str) -> MindMapNode | None:
    """Return the branch at the end of a way; None when there is none, as a browser may send any."""
    node = root
    for step in str(way).split("."):
        if not step.isdecimal() or int(step) >= len(node.children):
            return None
        node = node.children[int(step)]
    return node


def question_about(node: MindMapNode) -> str:
    """Return the question that asks about a branch; its title mentions no document."""
    return t("chat.map_question", title=node.title.replace("@", " "))


def _pages(places: Sequence[MindMapPlace]) -> str:
    pages = list(dict.fromkeys(place.page_number for place in places))
    more = " …" if len(pages) > _MOST_PAGES else ""
    listed = ", ".join(map(str, pages[:_MOST_PAGES])) + more
    return t("chat.map_pages", pages=listed) if pages else ""


def _drawn(map_id: str, request: MindMapRequest) -> MindMapReply:
    kept: dict[str, MindMapReply] = st.session_state.setdefault(_MAPS, {})
    if map_id not in kept:
        with st.spinner(t("chat.map_drawing")):
            kept[map_id] = lectern().mind_map(request)
        while len(kept) > _MOST_KEPT:
            kept.pop(next(iter(kept)))
    return kept[map_id]
