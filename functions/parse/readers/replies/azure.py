"""Reads what Azure AI Document Intelligence found in a document: its layout model's analysis.

Paragraphs, tables and figures are lists of their own; their spans in the content put them into
reading order. What stands in a cell or a figure is a paragraph too and is not said twice.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from functions.parse.blocks import ReadPage
from functions.parse.readers.pdf_headings import numbered_depth
from functions.parse.readers.pdf_paragraphs import BULLET
from functions.parse.readers.replies.azure_wire import (
    AnalyzeOperation,
    AnalyzeResult,
    AzureCell,
    Figure,
    Paragraph,
    Part,
    Region,
    Span,
    Table,
)
from functions.parse.readers.replies.grids import Cell
from functions.parse.readers.replies.placing import TextOnPage, around
from functions.parse.readers.replies.reading import Answer, malformed, read_reply
from functions.parse.readers.replies.sheets import Sheet, Sheets, Text
from lectern.documents import Box

_FURNITURE = frozenset({"pageHeader", "pageFooter", "pageNumber"})
_MARKS = {":selected:": "☒", ":unselected:": "☐"}
_HEADERS = frozenset({"columnHeader", "stubHead"})
_LAST = 1 << 40  # where what has no span stands: at the end of its page


def read(
    path: Path, *, first_page: int, last_page: int | None, answer: Answer
) -> Iterator[ReadPage]:
    """Yield the pages as Azure sees them. See `Reader` and `read_reply`."""
    return read_reply(_fill, path, first_page=first_page, last_page=last_page, answer=answer)


def _fill(data: bytes, sheets: Sheets) -> None:
    operation = AnalyzeOperation.model_validate_json(data)
    if operation.status != "succeeded" or not operation.analyze_result.pages:
        raise malformed()
    result = operation.analyze_result
    for page in result.pages:
        if sheet := sheets.get(page.page_number):
            sheet.measured(page.width, page.height)
            sheet.lines = [
                TextOnPage(" ".join(line.content.split()), box)
                for line in page.lines
                if (box := sheet.scale.polygon(line.polygon))
            ]
    _Analysis(result, sheets).run()


class _Analysis:
    """Puts what an analysis found on the sheets, in reading order."""

    def __init__(self, result: AnalyzeResult, sheets: Sheets) -> None:
        self._result = result
        self._sheets = sheets
        owners: list[Table | Figure] = [*result.tables, *result.figures]
        self._inside = {element for owner in owners for element in _elements_of(owner)}
        self._levels = _heading_levels(result)
        self._lines = sorted(
            (span.offset, span.end, page.page_number, line.content)
            for page in result.pages
            for line in page.lines
            for span in line.spans[:1]
        )

    def run(self) -> None:
        """Add everything by where it stands in the content, tables and figures at their start."""
        result = self._result
        ordered: list[tuple[int, int, Paragraph | Table | Figure, int]] = []
        for number, paragraph in enumerate(result.paragraphs):
            if f"/paragraphs/{number}" not in self._inside and paragraph.role not in _FURNITURE:
                ordered.append((_start(paragraph.spans), 1, paragraph, number))
        ordered += [(_start(table.spans), 0, table, 0) for table in result.tables]
        ordered += [(_start(figure.spans), 0, figure, 0) for figure in result.figures]
        for _, _, found, number in sorted(ordered, key=lambda each: each[:2]):
            if isinstance(found, Paragraph):
                self._paragraph(found, number)
            elif isinstance(found, Table):
                self._table(found)
            else:
                self._figure(found)

    def _paragraph(self, paragraph: Paragraph, number: int) -> None:
        for sheet, piece in self._pieces(paragraph):
            if paragraph.role in {"title", "sectionHeading"}:
                level = max(self._levels.get(number, 1), numbered_depth(piece.text))
                sheet.heading(piece, level)
            else:
                sheet.text(piece, "list" if BULLET.match(piece.text) else "text")

    def _pieces(self, paragraph: Paragraph) -> Iterator[tuple[Sheet, Text]]:
        """Yield the paragraph page by page; which words are on which its lines say."""
        numbers = list(dict.fromkeys(region.page_number for region in paragraph.bounding_regions))
        for number in numbers:
            sheet = self._sheets.get(number)
            if sheet is None:
                continue
            boxes = _boxes(sheet, paragraph.bounding_regions, number)
            if len(numbers) == 1:
                yield sheet, Text(_marked(paragraph.content), boxes)
            elif text := " ".join(self._lines_on(number, paragraph.spans)):
                yield sheet, Text(_marked(text), boxes)

    def _lines_on(self, page_number: int, spans: Iterable[Span]) -> Iterator[str]:
        for span in spans:
            for start, end, number, content in self._lines:
                if number == page_number and span.offset <= start and end <= span.end:
                    yield content

    def _table(self, table: Table) -> None:
        """Add the table, on each page of it the rows that stand there under its header."""
        numbers = list(dict.fromkeys(region.page_number for region in table.bounding_regions))
        header = [cell for cell in table.cells if cell.kind in _HEADERS]
        captions = _texts(self._sheets, [table.caption] if table.caption else [])
        for number in numbers:
            sheet = self._sheets.get(number)
            if sheet is None:
                continue
            here = table.cells
            if len(numbers) > 1:
                here = [cell for cell in table.cells if _page_of(cell, numbers[0]) == number]
                if number != numbers[0]:
                    here = [*(c for c in header if _page_of(c, numbers[0]) != number), *here]
            place = around(_boxes(sheet, table.bounding_regions, number))
            cells = (_cell(sheet, cell, number) for cell in here)
            sheet.table(cells, place, captions if number == numbers[0] else ())
        self._notes(table.footnotes)

    def _figure(self, figure: Figure) -> None:
        region = next(iter(figure.bounding_regions), None)
        sheet = self._sheets.get(region.page_number) if region else None
        if region is None or sheet is None:
            return
        captions = _texts(self._sheets, [figure.caption] if figure.caption else [])
        inside = [
            piece
            for element in figure.elements
            if (paragraph := self._named(element)) and paragraph.role not in _FURNITURE
            for on, piece in self._pieces(paragraph)
            if on is sheet
        ]
        sheet.figure(sheet.scale.polygon(region.polygon), captions, inside)
        self._notes(figure.footnotes)

    def _notes(self, notes: Iterable[Part]) -> None:
        for note in notes:
            number = next((region.page_number for region in note.bounding_regions), 0)
            if sheet := self._sheets.get(number):
                for piece in _texts(self._sheets, [note]):
                    sheet.text(piece)

    def _named(self, element: str) -> Paragraph | None:
        number = _number(element, "/paragraphs/")
        return (
            self._result.paragraphs[number] if 0 <= number < len(self._result.paragraphs) else None
        )


def _elements_of(owner: Table | Figure) -> Iterator[str]:
    """Yield the names of the paragraphs that are part of a table or a figure."""
    parts = (*owner.footnotes, *([owner.caption] if owner.caption else ()))
    for part in parts:
        yield from part.elements
    if isinstance(owner, Figure):
        yield from owner.elements
    else:
        for cell in owner.cells:
            yield from cell.elements


def _heading_levels(result: AnalyzeResult) -> dict[int, int]:
    """Return the levels of paragraphs by how deep the section is that they are named in."""
    levels: dict[int, int] = {}
    waiting = [(0, 1)] if result.sections else []
    seen: set[int] = set()
    while waiting:
        number, level = waiting.pop()
        if number in seen:
            continue
        seen.add(number)
        for element in result.sections[number].elements:
            deeper = _number(element, "/sections/")
            if 0 <= deeper < len(result.sections):
                waiting.append((deeper, level + 1))
            elif (paragraph := _number(element, "/paragraphs/")) >= 0:
                levels.setdefault(paragraph, level)
    return levels


def _number(element: str, prefix: str) -> int:
    """Return the number in a name such as `/paragraphs/12`, -1 if it names something else."""
    digits = element.removeprefix(prefix)
    is_number = digits != element and digits.isascii() and digits.isdecimal() and len(digits) < 9  # noqa: PLR2004
    return int(digits) if is_number else -1


def _start(spans: list[Span]) -> int:
    return min((span.offset for span in spans), default=_LAST)


def _page_of(cell: AzureCell, otherwise: int) -> int:
    return next((region.page_number for region in cell.bounding_regions), otherwise)


def _cell(sheet: Sheet, cell: AzureCell, page_number: int) -> Cell:
    return Cell(
        row=cell.row_index,
        column=cell.column_index,
        rows=cell.row_span,
        columns=cell.column_span,
        text=_marked(cell.content),
        header=cell.kind in _HEADERS,
        box=around(_boxes(sheet, cell.bounding_regions, page_number)),
    )


def _boxes(sheet: Sheet, regions: Iterable[Region], page_number: int) -> tuple[Box, ...]:
    found = (
        sheet.scale.polygon(region.polygon)
        for region in regions
        if region.page_number == page_number
    )
    return tuple(box for box in found if box)


def _texts(sheets: Sheets, parts: Iterable[Part]) -> list[Text]:
    """Return captions or footnotes, each on the page of its first region."""
    found = []
    for part in parts:
        number = next((region.page_number for region in part.bounding_regions), 0)
        sheet = sheets.get(number)
        boxes = _boxes(sheet, part.bounding_regions, number) if sheet else ()
        found.append(Text(_marked(part.content), boxes))
    return found


def _marked(text: str) -> str:
    for name, mark in _MARKS.items():
        text = text.replace(name, mark)
    return text
