"""Word documents (.docx, transitional and strict): body text in order, tables, notes, pictures.

Page numbers come from the marks Word left where it broke pages, or from explicit breaks. Headers,
footers, the table of contents, comments, deleted and hidden text are left out.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from functions.parse.blocks import ReadPage
from functions.parse.readers.delimited import has_header
from functions.parse.readers.docx_runs import Runs, read_runs
from functions.parse.readers.docx_styles import Numbering, Styles
from functions.parse.readers.html_tables import expand
from functions.parse.readers.office_parts import OfficeParts, attribute, child, whole_number
from functions.parse.readers.packages import open_package
from functions.parse.readers.page_builder import PageBuilder
from functions.parse.readers.safe_xml import local_name
from lectern.errors import UnreadableDocument

if TYPE_CHECKING:
    from lxml import etree

_WRAPPERS = frozenset({
    "sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "AlternateContent",
    "Choice",
})  # fmt: skip


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield the pages the file marks, at least one. See `Reader`."""
    del first_page, last_page
    with open_package(path, kind="Word") as package:
        parts = OfficeParts(package)
        main = parts.main()
        body = child(parts.root(main), "body")
        if body is None:
            raise UnreadableDocument(
                "the Word file has no body; open it in Word and save it again", code="damaged"
            )
        yield from _Document(parts, main, body).pages()


class _Document:
    """Walks the body and fills pages."""

    def __init__(self, parts: OfficeParts, main: str, body: "etree._Element") -> None:
        self._parts = parts
        self._body = body
        self._relations = parts.relations(main)
        self._styles = Styles(parts.related(main, "styles"))
        self._numbering = Numbering(parts.related(main, "numbering"))
        self._notes: dict[tuple[str, str], etree._Element] = {}
        for kind in ("footnote", "endnote"):
            notes = parts.related(main, f"{kind}s")
            for note in () if notes is None else notes:
                if local_name(note) == kind:
                    self._notes[kind, attribute(note, "id") or ""] = note
        self._rendered = any(
            local_name(element) == "lastRenderedPageBreak" for element in body.iter("{*}*")
        )
        self._page = PageBuilder()
        self._page_notes: list[tuple[str, str]] = []
        self._end_notes: list[tuple[str, str]] = []
        self._figure: tuple[bytes, str] | None = None  # awaits the caption below it
        self._caption = ""  # awaits the table below it
        self._ended: list[ReadPage] = []

    def pages(self) -> Iterator[ReadPage]:
        self._walk(self._body)
        self._settle()
        self._page_notes += self._end_notes
        self._end_page()
        yield from self._ended

    def _walk(self, container: "etree._Element") -> None:
        for element in container:
            name = local_name(element)
            if name == "p":
                self._paragraph(element)
            elif name == "tbl":
                self._table(element)
            elif name in _WRAPPERS:
                self._walk(element)

    def _paragraph(self, paragraph: "etree._Element") -> None:
        properties = child(paragraph, "pPr")
        runs = read_runs(paragraph, rendered_breaks=self._rendered)
        if runs.broken_at_start:
            self._break_page()
        if not self._styles.is_contents(properties):
            self._say(properties, runs)
        for box in runs.boxes:
            self._walk(box)
        for relation, alt in runs.images:
            self._settle()
            self._figure = (self._parts.data(self._relations.get(relation, ("", ""))[1]), alt)
        if runs.broken_later:
            self._break_page()

    def _say(self, properties: "etree._Element | None", runs: Runs) -> None:
        text = runs.text
        for kind, identifier in runs.notes:
            (self._page_notes if kind == "footnote" else self._end_notes).append((kind, identifier))
        if not text.strip():
            return
        if self._styles.is_caption(properties):
            self._say_caption(text)
            return
        self._settle()
        level = self._styles.heading_level(properties)
        number = self._styles.number(properties)
        if level is not None:
            marker = self._numbering.marker(number) if number else "-"
            self._page.heading(text if marker == "-" else f"{marker} {text}", level)
        elif number:
            self._page.item(text, depth=number[1], marker=self._numbering.marker(number))
        elif self._styles.is_code(properties):
            self._page.code(text)
        else:
            self._page.text(text)

    def _say_caption(self, text: str) -> None:
        if self._figure is not None:
            image, alt = self._figure
            self._figure = None
            self._page.figure(image, text if not alt or alt in text else f"{text} ({alt})")
        else:
            self._settle()
            self._caption = text

    def _settle(self) -> None:
        """Write the figure or the caption that found no counterpart."""
        if self._figure is not None:
            self._page.figure(*self._figure)
            self._figure = None
        self._page.text(self._caption)
        self._caption = ""

    def _table(self, table: "etree._Element") -> None:
        caption, self._caption = self._caption, ""
        self._settle()
        rows = [list(_cells(row)) for row in _found(table, "tr")]
        cells = [cell for row in rows for cell in row]
        if len(cells) == 1:  # a frame around text, not a table
            self._page.text(caption)
            self._walk(cells[0])
            return
        held = {id(cell): self._cell(cell) for cell in cells}
        grid = expand(_spans(rows, {key: " ".join(texts) for key, (texts, _) in held.items()}))
        header = bool(rows) and child(next(_found(table, "tr")), "trPr", "tblHeader") is not None
        self._page.table(grid, has_header=header or has_header(grid), caption=caption)
        broken = False
        for _, inner in held.values():
            for element in inner:
                if isinstance(element, Runs):
                    broken |= element.broken_at_start or element.broken_later
                    self._hang(element)
                else:
                    self._table(element)
        if broken:
            self._break_page()

    def _cell(self, cell: "etree._Element") -> "tuple[list[str], list[Runs | etree._Element]]":
        """Return a cell's paragraphs, and what has to follow the table: their runs, tables."""
        texts: list[str] = []
        rest: list[Runs | etree._Element] = []
        for element in _content(cell):
            if local_name(element) == "tbl":
                rest.append(element)
                continue
            runs = read_runs(element, rendered_breaks=self._rendered)
            number = self._styles.number(child(element, "pPr"))
            marker = self._numbering.marker(number) if number and runs.text.strip() else "-"
            texts.append(runs.text if marker == "-" else f"{marker} {runs.text}")
            rest.append(runs)
        return [text for text in texts if text.strip()], rest

    def _hang(self, runs: Runs) -> None:
        for kind, identifier in runs.notes:
            (self._page_notes if kind == "footnote" else self._end_notes).append((kind, identifier))
        for box in runs.boxes:
            self._walk(box)
        for relation, alt in runs.images:
            self._page.figure(self._parts.data(self._relations.get(relation, ("", ""))[1]), alt)

    def _break_page(self) -> None:
        if self._ended or not self._page.empty:
            self._settle()
            self._end_page()

    def _end_page(self) -> None:
        notes, self._page_notes = self._page_notes, []
        for kind, identifier in notes:
            note = self._notes.get((kind, identifier))
            if note is not None:
                texts = [
                    read_runs(paragraph, rendered_breaks=True).text for paragraph in _content(note)
                ]
                self._page.text(f"[{identifier}] {' '.join(texts).strip()}")
        self._ended.append(self._page.page(len(self._ended) + 1))


def _found(container: "etree._Element", name: str) -> Iterator["etree._Element"]:
    """Yield the children called `name`, also those inside content controls."""
    for element in container:
        if local_name(element) == name:
            yield element
        elif local_name(element) in _WRAPPERS:
            yield from _found(element, name)


def _content(container: "etree._Element") -> Iterator["etree._Element"]:
    for element in container:
        if local_name(element) in {"p", "tbl"}:
            yield element
        elif local_name(element) in _WRAPPERS:
            yield from _content(element)


def _cells(row: "etree._Element") -> Iterator["etree._Element"]:
    yield from _found(row, "tc")


def _spans(
    rows: "list[list[etree._Element]]", texts: dict[int, str]
) -> list[list[tuple[str, int, int]]]:
    """Return rows of (text, columns, rows), the cells that continue a merged one left out."""
    placed: list[dict[int, etree._Element]] = []
    for row in rows:
        column, positions = _indent(row), {}
        for cell in row:
            positions[column] = cell
            column += _width(cell)
        placed.append(positions)
    return [
        ([("", _indent(rows[number]), 1)] if _indent(rows[number]) else [])
        + [
            (texts[id(cell)], _width(cell), merged_rows(placed, number, column))
            for column, cell in positions.items()
            if not _continues(cell) or number == 0
        ]
        for number, positions in enumerate(placed)
    ]


def _indent(row: "list[etree._Element]") -> int:
    """Return how many columns a row leaves free before its first cell."""
    properties = child(row[0].getparent(), "trPr", "gridBefore") if row else None
    return min(max(whole_number(attribute(properties, "val")), 0), 1000)


def _width(cell: "etree._Element") -> int:
    return min(max(whole_number(attribute(child(cell, "tcPr", "gridSpan"), "val"), 1), 1), 1000)


def _continues(cell: "etree._Element") -> bool:
    merge = child(cell, "tcPr", "vMerge")
    return merge is not None and attribute(merge, "val") != "restart"


def merged_rows(placed: "Sequence[dict[int, etree._Element]]", number: int, column: int) -> int:
    """Return how many rows a cell covers; looks at these rows and the one below, no further.

    Args:
        placed: The cells of each row by column.
        number: Row of the cell, from 0.
        column: Column of the cell, from 0.
    """
    height = 1
    while number + height < len(placed):
        below = placed[number + height].get(column)
        if below is None or not _continues(below):
            break
        height += 1
    return height
