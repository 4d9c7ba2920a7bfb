"""Where an answer rests: the list of its sources, and the pane that opens them."""

from collections.abc import Sequence

import streamlit as st

from lectern.api import AnswerReply, DocumentReply
from lectern.errors import NotFound
from web.components.bridge import citation_bridge
from web.components.viewer import LABELS, ViewerData, viewer
from web.language import t
from web.parts.citations import Place, link, plain, sources
from web.parts.conversation import find_reply
from web.parts.outer_tools import outside_text
from web.parts.places import View, on_pages, view_of
from web.session import lectern

NARROW_PX = 900
"""Windows less wide than this show the source in a drawer."""

_VIEW = "chat.view"
_NARROW = "chat.narrow"
_DRAWER = "chat.drawer"
_BRIDGE = "citation-bridge"
_VIEWER = "source-viewer"
_PERCENT = 100


def source_list(message_id: str, reply: AnswerReply) -> None:
    """Show the documents that an answer cites, or that were found for it."""
    text = "\n\n".join(filter(None, [source_text(message_id, reply), outside_text(reply)]))
    if text:
        with st.container(key=f"sources-{message_id}"):
            st.markdown(text)


def source_text(message_id: str, reply: AnswerReply) -> str:
    """Return the heading and the list of an answer's documents as Markdown; "" without any."""
    found = sources(reply)
    if not found:
        return ""
    heading = t("chat.sources" if reply.citations else "chat.closest")
    rows = [
        f"- :material/description: {plain(source.document_name)} "
        + " ".join(_chip(message_id, place, reply) for place in _distinct(source.places))
        for source in found
    ]
    return "\n".join([f":small[:gray[{heading}]]\n", *rows])


def _distinct(places: Sequence[Place]) -> list[Place]:
    return list({(place.number, place.page_number): place for place in places}.values())


def _chip(message_id: str, place: Place, reply: AnswerReply) -> str:
    label = t(
        "chat.source_place",
        number=place.number,
        page=place.page_number,
        percent=round(place.relevance * _PERCENT),
    )
    return link(message_id, place, reply.passages, label)


@st.fragment(key="source-pane")
def source_pane() -> None:
    """Show the source that was opened last, and listen for the next click on a citation.

    The bridge is mounted here, so that a click draws this pane alone.
    """
    citation_bridge(key=_BRIDGE, on_cite=_open_cited)
    view: View | None = st.session_state.get(_VIEW)
    if st.session_state.pop(_DRAWER, False):
        _drawer()
    if view is None or st.session_state.get(_NARROW):
        return
    with st.container(key="source", gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.caption(t("chat.source"))
            st.button(
                t("chat.close_source"),
                icon=":material/close:",
                key="icon-close-source",
                type="tertiary",
                help=t("chat.close_source"),
                on_click=close,
            )
        _show(view)


def close() -> None:
    """Close the pane."""
    st.session_state.pop(_VIEW, None)


def open_passage(message_id: str, number: int, *, citation: int | None = None, width: int) -> None:
    """Open a passage of an answer, or what a citation quotes of it; nothing where it is gone.

    Args:
        message_id: The answer's.
        number: The passage's number in it.
        citation: Index of the citation, None for the passage as a whole.
        width: The window's, in CSS pixels.
    """
    reply = find_reply(message_id)
    view = reply and view_of(message_id, reply, number, citation)
    if not view:
        return
    st.session_state[_VIEW] = on_pages(view, _document(view.document_id))
    st.session_state[_NARROW] = width < NARROW_PX
    st.session_state[_DRAWER] = st.session_state[_NARROW]


def _drawer() -> None:
    @st.dialog(t("chat.source"), width="large", position="right")
    def drawer() -> None:
        view: View | None = st.session_state.get(_VIEW)
        if view is not None:
            _show(view, tall=True)

    drawer()


def _open_cited() -> None:
    """Open what was clicked; a click on something that is gone does nothing."""
    cited = st.session_state[_BRIDGE].cite
    open_passage(
        str(cited["message"]),
        int(cited["number"]),
        citation=cited.get("citation"),
        width=int(cited["width"]),
    )


def _document(document_id: str) -> DocumentReply | None:
    try:
        return lectern().documents.get(document_id)
    except NotFound:
        return None


def _show(view: View, *, tall: bool = False) -> None:
    if view.notice:
        st.caption(f":material/info: {t(f'chat.source_{view.notice}')}")
    viewer(_data(view, tall=tall), key=_VIEWER, on_pick=_pick)


def _pick() -> None:
    view: View | None = st.session_state.get(_VIEW)
    picked = st.session_state[_VIEWER].pick
    if view is not None and 0 <= int(picked["index"]) < len(view.highlights):
        st.session_state[_VIEW] = view.turned_to(int(picked["index"]))


def _data(view: View, *, tall: bool) -> ViewerData:
    paged = view.page_count > 0
    highlights = [
        {"number": each["number"], "page": each["page"], "boxes": each["boxes"]} if paged else each
        for each in view.highlights
    ]
    return ViewerData(
        document=view.document_id,
        revision=view.revision,
        title=view.document_name,
        page_count=view.page_count,
        highlights=highlights,  # type: ignore[typeddict-item]  # a part of a Highlight is one
        active=view.active,
        nonce=view.nonce,
        labels={name: t(f"chat.viewer_{name}") for name in LABELS},
        original_url="" if view.notice == "gone" else f"/api/documents/{view.document_id}/content",
        tall=tall,
    )
