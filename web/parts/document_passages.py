"""The chunks of a document beside its pages; choosing one shows where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import streamlit as st

from lectern.api import ChunkReply, DocumentReply, SubjectReply
from lectern.documents import new_id
from web.components import passages as cards_of
from web.components.viewer import LABELS as VIEWER_LABELS
from web.components.viewer import ViewerData, viewer
from web.language import t
from web.parts.chunks import card_of, highlights_of, pages_to_show, subjects_by_chunk
from web.parts.citations import plain
from web.session import lectern

_WINDOW = 100
_ALL = 500  # the most that one request gives
_LONGEST_NUMBER = 6  # digits of a page in an address
_CARDS = "document-cards"
_VIEWER = "document-viewer"
_READING = "document:reading"


@dataclass(slots=True)
class Reading:
    """What was read of a document on this page, and where the reader is."""

    document_id: str
    revision: int
    chunks: list[ChunkReply] = field(default_factory=list)
    complete: bool = False
    subjects: Sequence[SubjectReply] = ()
    active: str = ""
    seen: str = ""
    drawer: bool = False  # the page is shown over the list: there is no room beside it


def passages_and_pages(document: DocumentReply) -> None:
    """Show the chunks, and the pages beside them where there are pictures of pages."""
    st.fragment(_view, key="document-passages")(document)


def show_passage(document: DocumentReply, chunk_id: str, *, wide: bool) -> None:
    """Choose a passage for when the passages are shown next; one that is gone changes nothing.

    Args:
        document: The document.
        chunk_id: Which of its chunks.
        wide: Whether the window has room for the page beside the list.
    """
    reading = _reading(document)
    while not reading.complete and not any(c.chunk_id == chunk_id for c in reading.chunks):
        _read_on(reading, _ALL)
    if any(chunk.chunk_id == chunk_id for chunk in reading.chunks):
        _activate(chunk_id)
        reading.drawer = not wide


def figure_address(document_id: str, figure_key: str, revision: int) -> str:
    """Return where the picture of a chunk is."""
    name = figure_key.rsplit("/", 1)[-1]
    return (
        f"/api/documents/{quote(document_id, safe='')}/figures/{quote(name, safe='')}?r={revision}"
    )


def viewer_labels() -> dict[str, str]:
    """Return the words of the page viewer."""
    return {name: t(f"chat.viewer_{name}") for name in VIEWER_LABELS}


def _view(document: DocumentReply) -> None:
    reading = _reading(document)
    subject = _subject_filter(reading)
    pages = pages_to_show(document)
    shown = _shown(reading, subject)
    if not pages:
        with st.container(key="document-text"):
            _cards(document, reading, shown, scrolls=False)
        return
    if reading.drawer:
        _cards(document, reading, shown, scrolls=True)
        _drawer(document, reading, pages)
        return
    left, right = st.columns([6, 5], gap="medium")
    with left, st.container(key="document-pages"):
        _pages(document, reading, pages)
    with right:
        _cards(document, reading, shown, scrolls=True)


def _reading(document: DocumentReply) -> Reading:
    """Return what was read so far; another document or revision begins anew."""
    reading = st.session_state.get(_READING)
    key = (document.document_id, document.revision)
    if (
        not isinstance(reading, Reading)
        or (reading.document_id, reading.revision) != key
        or len(reading.chunks) > document.chunks
    ):
        reading = Reading(*key)
        reading.subjects = lectern().documents.subjects(document.document_id).subjects
        _read_on(reading, _WINDOW)
        _begin_on(reading, st.query_params.get("p", ""))
        st.session_state[_READING] = reading
    return reading


def _read_on(reading: Reading, limit: int) -> None:
    window = lectern().documents.chunks(
        reading.document_id, offset=len(reading.chunks), limit=limit
    )
    reading.chunks += window.chunks
    reading.complete = len(window.chunks) < limit


def _begin_on(reading: Reading, page: str) -> None:
    """Go to the page that the address asks for, where there is something on it or behind it."""
    if not page.isdecimal() or len(page) > _LONGEST_NUMBER:
        return
    wanted = int(page)
    while not reading.complete and reading.chunks[-1].page_number < wanted:
        _read_on(reading, _ALL)
    there = (chunk.chunk_id for chunk in reading.chunks if chunk.page_number >= wanted)
    reading.active = next(there, "")
    reading.seen = new_id() if reading.active else ""


def _subject_filter(reading: Reading) -> SubjectReply | None:
    if not reading.subjects:
        return None
    chosen: SubjectReply | None = st.selectbox(
        t("library.subject"),
        reading.subjects,
        index=None,
        format_func=_subject_text,
        placeholder=t("library.subject_placeholder", count=len(reading.subjects)),
        label_visibility="collapsed",
        key="document-subject",
    )
    if chosen is None:
        return None
    while not reading.complete:
        _read_on(reading, _ALL)
    if chosen.definition:
        st.info(f"**{plain(chosen.name)}** {plain(chosen.definition)}", icon=":material/lightbulb:")
    return chosen


def _shown(reading: Reading, subject: SubjectReply | None) -> Sequence[tuple[int, ChunkReply]]:
    numbered = list(enumerate(reading.chunks, start=1))
    if subject is None:
        return numbered
    wanted = {*subject.chunk_ids, *subject.mentioned_in}
    return [(number, chunk) for number, chunk in numbered if chunk.chunk_id in wanted]


def _cards(
    document: DocumentReply,
    reading: Reading,
    shown: Sequence[tuple[int, ChunkReply]],
    *,
    scrolls: bool,
) -> None:
    about: Mapping[str, Sequence[str]] = subjects_by_chunk(
        {subject.name: subject.chunk_ids for subject in reading.subjects}
    )
    cards = [
        card_of(
            chunk,
            number=number,
            paged=document.pages > 1 or scrolls,
            figure=figure_address(document.document_id, chunk.figure_key, document.revision)
            if chunk.figure_key
            else "",
            subjects=about.get(chunk.chunk_id, ()),
        )
        for number, chunk in shown
    ]
    if not cards:
        st.caption(t("library.no_passages"))
        return
    cards_of.passages(
        cards,
        key=_CARDS,
        label=t("library.passages_of", name=document.name),
        labels={name: t(f"library.card_{name}") for name in cards_of.LABELS},
        active=reading.active,
        seen=reading.seen,
        scrolls=scrolls,
        more="" if reading.complete else t("library.more_passages"),
        on_open=_opened,
        on_more=lambda: _read_on(reading, _WINDOW),
    )


def _pages(document: DocumentReply, reading: Reading, pages: int) -> None:
    ids = [chunk.chunk_id for chunk in reading.chunks]
    data = ViewerData(
        document=document.document_id,
        revision=document.revision,
        title=document.name,
        page_count=pages,
        highlights=highlights_of(reading.chunks, reading.active),
        active=ids.index(reading.active) if reading.active in ids else None,
        nonce=reading.seen,
        labels=viewer_labels(),
        original_url="",
    )
    viewer(data, key=_VIEWER, on_pick=_picked)


def _drawer(document: DocumentReply, reading: Reading, pages: int) -> None:
    def close() -> None:
        reading.drawer = False

    @st.dialog(t("search.page_of"), width="large", position="right", on_dismiss=close)
    def drawer() -> None:
        _pages(document, reading, pages)

    drawer()


def _opened() -> None:
    if asked := st.session_state[_CARDS].open:
        _activate(asked["id"])
        st.session_state[_READING].drawer = not asked["wide"]


def _picked() -> None:
    reading: Reading = st.session_state[_READING]
    asked = st.session_state[_VIEWER].pick
    if asked and 0 <= asked["index"] < len(reading.chunks):
        _activate(reading.chunks[asked["index"]].chunk_id)


def _activate(chunk_id: str) -> None:
    reading: Reading = st.session_state[_READING]
    reading.active, reading.seen = chunk_id, new_id()


def _subject_text(subject: SubjectReply) -> str:
    return t("library.subject_mentions", name=subject.name, count=len(subject.mentioned_in))
