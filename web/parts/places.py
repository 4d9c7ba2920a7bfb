"""From an answer to what the viewer shows: the cited places of one document."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lectern.api import AnswerReply, BoxReply, Citation, DocumentReply, Passage
from lectern.documents import new_id
from web.components.viewer import Highlight


@dataclass(frozen=True, slots=True)
class View:
    """What the viewer shows: a document as an answer cites it.

    `active` is an index into `highlights`; a fresh `nonce` makes the viewer scroll there.
    `page_count` is 0 where no page can be painted; `notice` says why: `gone` or `changed`.
    """

    message_id: str
    document_id: str
    document_name: str
    revision: int
    highlights: Sequence[Highlight]
    active: int
    nonce: str
    page_count: int = 0
    notice: str = ""

    def turned_to(self, active: int) -> "View":
        """Return the same view with another place in front."""
        return replace(self, active=active, nonce=new_id())


def view_of(
    message_id: str, reply: AnswerReply, number: int, citation: int | None
) -> "View | None":
    """Return the view of a passage, or of a citation by its index; None when there is none."""
    if not 1 <= number <= len(reply.passages):
        return None
    passage = reply.passages[number - 1]
    highlights: list[Highlight] = []
    active = 0
    for index, each in enumerate(reply.citations):
        if each.document_id == passage.document_id and 1 <= each.number <= len(reply.passages):
            if index == citation:
                active = len(highlights)
            highlights += _of_citation(each, reply.passages[each.number - 1])
    if citation is None:
        active = len(highlights)
        highlights += _of_passage(number, passage)
    return View(
        message_id,
        passage.document_id,
        passage.document_name,
        passage.revision,
        highlights,
        active,
        new_id(),
    )


def on_pages(view: View, document: DocumentReply | None) -> View:
    """Return the view with what is known of its document now, None when it is gone.

    A newer revision may have other pages: then the passages are shown as they were.
    """
    if document is None:
        return replace(view, page_count=0, notice="gone")
    if document.revision != view.revision:
        return replace(view, page_count=0, notice="changed")
    return replace(view, page_count=document.pages if _has_pages(document) else 0)


def _has_pages(document: DocumentReply) -> bool:
    return document.content_type == "application/pdf" or document.name.lower().endswith(".pdf")


def _of_citation(citation: Citation, passage: Passage) -> list[Highlight]:
    return _by_page(
        citation.number,
        citation.page_number,
        citation.boxes,
        _reading(passage, citation.quote_start, citation.quote_end),
    )


def _of_passage(number: int, passage: Passage) -> list[Highlight]:
    boxes = [
        BoxReply(page_number=line.page_number, x0=line.x0, y0=line.y0, x1=line.x1, y1=line.y1)
        for line in passage.lines
    ]
    reading = _reading(passage, 0, 0)
    return _by_page(number, passage.page_number, boxes or passage.boxes, reading)


def _by_page(
    number: int, page_number: int, boxes: Sequence[BoxReply], reading: Highlight
) -> list[Highlight]:
    """Return one highlight for each page that the boxes lie on, the first page first."""
    by_page: dict[int, list[list[float]]] = defaultdict(list)
    for box in boxes:
        by_page[box.page_number].append([box.x0, box.y0, box.x1, box.y1])
    by_page = by_page or {page_number: []}
    return [
        Highlight(number=number, page=page, boxes=of_page, **reading)
        for page, of_page in sorted(by_page.items())
    ]


def _reading(passage: Passage, start: int, end: int) -> Highlight:
    heading = " / ".join(passage.heading_path)
    return Highlight(text=passage.text, start=start, end=end, heading=heading)
