"""Reads what Docling Serve said of a document: its tree of items in reading order, as blocks."""

from collections.abc import Iterator
from pathlib import Path

from functions.parse.blocks import ReadPage
from functions.parse.readers.pdf_headings import numbered_depth
from functions.parse.readers.replies.docling_wire import (
    BoundingBox,
    ConvertResult,
    DoclingDocument,
    Item,
    Provenance,
    Refs,
)
from functions.parse.readers.replies.grids import Cell
from functions.parse.readers.replies.reading import Answer, read_reply
from functions.parse.readers.replies.sheets import Sheet, Sheets, Text
from lectern.documents import Box
from lectern.errors import UnreadableDocument

_FURNITURE = frozenset({"page_header", "page_footer"})
_LISTS = frozenset({"list", "ordered_list"})
_CHECKED = {"checkbox_selected": "☒ ", "checkbox_unselected": "☐ "}
_DEEPEST = 64  # groups in groups


def read(
    path: Path, *, first_page: int, last_page: int | None, answer: Answer
) -> Iterator[ReadPage]:
    """Yield the pages as Docling sees them. See `Reader` and `read_reply`."""
    return read_reply(_fill, path, first_page=first_page, last_page=last_page, answer=answer)


def _fill(data: bytes, sheets: Sheets) -> None:
    result = ConvertResult.model_validate_json(data)
    document = result.document.json_content
    if result.status not in {"success", "partial_success"} or not document.pages:
        said = "; ".join(error.error_message for error in result.errors[:3])
        raise UnreadableDocument(
            f"Docling could not convert the document ({result.status}: {said[:300]}); choose "
            "another parser for the collection and reprocess it, or save it anew and upload that",
            code="parser_refused",
        )
    for page in document.pages.values():
        if sheet := sheets.get(page.page_no):
            sheet.measured(page.size.width, page.size.height)
    _Walk(document, sheets).run()


class _Walk:
    """Puts the items of a document on its sheets, each once, whatever refers to what."""

    def __init__(self, document: DoclingDocument, sheets: Sheets) -> None:
        self._document = document
        self._sheets = sheets
        self._items = {
            f"#/{kind}/{number}": item
            for kind in ("groups", "texts", "tables", "pictures")
            for number, item in enumerate(getattr(document, kind))
        }
        owners = (*document.tables, *document.pictures)
        self._seen = {ref.ref for item in owners for ref in (*item.captions, *item.footnotes)}
        self._titled = any(item.label == "title" for item in document.texts)
        self._page = min((page.page_no for page in document.pages.values()), default=1)

    def run(self) -> None:
        """Walk the tree from its root, without recursion: it may be as deep as it likes."""
        stack = [(ref.ref, 0) for ref in reversed(self._document.body.children)]
        while stack:
            name, depth = stack.pop()
            item = self._items.get(name)
            if item is None or name in self._seen or depth > _DEEPEST:
                continue
            self._seen.add(name)
            if item.content_layer == "furniture" or item.label in _FURNITURE:
                continue
            kind = name.split("/")[1]
            if kind == "tables":
                self._table(item)
            elif kind == "pictures":
                self._picture(item)
            else:
                if kind == "texts":
                    self._text(item, depth)
                deeper = depth + (item.label in _LISTS)
                stack += [(ref.ref, deeper) for ref in reversed(item.children)]

    def _text(self, item: Item, depth: int) -> None:
        for sheet, piece in self._pieces(item):
            if item.label == "title":
                sheet.heading(piece, 1)
            elif item.label == "section_header":
                level = max(item.level, numbered_depth(piece.text))
                sheet.heading(piece, level + self._titled)
            elif item.label == "list_item":
                marker = (item.marker or "1.") if item.enumerated else "-"
                sheet.item(piece, depth=depth - 1, marker=marker)
            else:
                piece.text = _CHECKED.get(item.label, "") + piece.text
                sheet.text(piece, "code" if item.label == "code" else "text")

    def _table(self, item: Item) -> None:
        sheet = self._sheet(item)
        if sheet is None:
            return
        cells = (
            Cell(
                row=cell.start_row_offset_idx,
                column=cell.start_col_offset_idx,
                rows=cell.end_row_offset_idx - cell.start_row_offset_idx,
                columns=cell.end_col_offset_idx - cell.start_col_offset_idx,
                text=cell.text,
                header=cell.column_header,
                box=_box(sheet, cell.bbox),
            )
            for cell in item.data.table_cells
        )
        place = _box(sheet, item.prov[0].bbox) if item.prov else None
        sheet.table(cells, place, self._texts_of(item.captions))
        for note in self._texts_of(item.footnotes):
            sheet.text(note)

    def _picture(self, item: Item) -> None:
        sheet = self._sheet(item)
        if sheet is None:
            return
        described = [Text(each.text) for each in item.annotations if each.kind == "description"]
        inside = self._texts_of(self._below(item))
        place = _box(sheet, item.prov[0].bbox) if item.prov else None
        sheet.figure(place, [*self._texts_of(item.captions), *described], inside)
        for note in self._texts_of(item.footnotes):
            sheet.text(note)

    def _below(self, item: Item) -> Refs:
        """Return everything under a picture, in order, that is not its caption or footnote."""
        found: Refs = []
        waiting = list(reversed(item.children))
        while waiting:
            ref = waiting.pop()
            child = self._items.get(ref.ref)
            if child is not None and ref.ref not in self._seen:
                self._seen.add(ref.ref)
                found.append(ref)
                waiting += reversed(child.children)
        return found

    def _texts_of(self, refs: Refs) -> list[Text]:
        items = [item for ref in refs if (item := self._items.get(ref.ref))]
        return [piece for item in items for _, piece in self._pieces(item)]

    def _pieces(self, item: Item) -> Iterator[tuple[Sheet, Text]]:
        """Yield an item's text page by page; one that says no page stands on the last one met."""
        runs = [run for run in item.prov if self._sheets.get(run.page_no)]
        whole = len({run.page_no for run in runs}) < 2  # noqa: PLR2004
        if not runs or whole:
            if sheet := self._sheet(item):
                boxes = _boxes(sheet, runs)
                yield sheet, Text(item.text, boxes)
            return
        for number in dict.fromkeys(run.page_no for run in runs):
            sheet = self._sheets.get(number)
            here = [run for run in runs if run.page_no == number]
            text = " ".join(item.text[slice(*map(abs, run.charspan))] for run in here)
            if sheet is not None:
                self._page = number
                yield sheet, Text(text, _boxes(sheet, here))

    def _sheet(self, item: Item) -> Sheet | None:
        if item.prov:
            self._page = item.prov[0].page_no
        return self._sheets.get(self._page)


def _box(sheet: Sheet, box: BoundingBox | None) -> Box | None:
    if box is None:
        return None
    return sheet.scale.box(box.l, box.t, box.r, box.b, from_bottom=box.from_bottom)


def _boxes(sheet: Sheet, runs: list[Provenance]) -> tuple[Box, ...]:
    return tuple(box for run in runs if (box := _box(sheet, run.bbox)))
