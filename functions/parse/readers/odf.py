"""OpenDocument (ISO/IEC 26300): content.xml of texts, spreadsheets and presentations.

Elements are told by local names. Deleted text, scripts and annotations are left out.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from functions.parse.readers.delimited import has_header
from functions.parse.readers.html_tables import expand
from functions.parse.readers.office_parts import attribute, child, whole_number
from functions.parse.readers.packages import open_package, read_part
from functions.parse.readers.page_builder import PageBuilder
from functions.parse.readers.safe_xml import inner_text, local_name, parse_xml
from lectern.errors import UnreadableDocument

if TYPE_CHECKING:
    from zipfile import ZipFile

    from lxml import etree

_UNREAD = frozenset({
    "tracked-changes", "annotation", "annotation-end", "forms", "script",
    "table-of-content", "desc", "title", "event-listeners", "sequence-decls", "note",
    "ruby-text",
})  # fmt: skip
_MAX_REPEATED = 1024


@contextmanager
def open_body(path: Path, kind: str) -> "Iterator[tuple[ZipFile, etree._Element]]":
    """Open an OpenDocument file and give its body of that kind: text, spreadsheet, presentation.

    Raises:
        UnreadableDocument: Encrypted, or without such a body.
        TooLarge: See `open_package`.
    """
    with open_package(path, kind="OpenDocument") as package:
        manifest = read_part(package, "META-INF/manifest.xml") or b""
        if b"encryption-data" in manifest:
            raise UnreadableDocument(
                "the file is protected with a password; remove it and upload the file again",
                code="password_protected",
            )
        content = read_part(package, "content.xml")
        body = child(parse_xml(content) if content else None, "body", kind)
        if body is None:
            raise UnreadableDocument(
                f"the OpenDocument file has no {kind} body; save it again in LibreOffice",
                code="damaged",
            )
        yield package, body


class OdfWalker:
    """Adds the content of OpenDocument elements to a page."""

    def __init__(self, page: PageBuilder, package: "ZipFile") -> None:
        self.page = page
        self._package = package
        self._notes: list[str] = []

    def walk(self, container: "Iterable[etree._Element]") -> None:
        """Add what `container` holds, in order."""
        for element in container:
            self._add(element)

    def end(self) -> None:
        """Add the notes that were referred to since the last call."""
        for note in self._notes:
            self.page.text(note)
        self._notes = []

    def _add(self, element: "etree._Element") -> None:
        name = local_name(element)
        match name:
            case "h":
                self.page.heading(
                    self._text(element), whole_number(attribute(element, "outline-level"), 1)
                )
                self._frames(element)
            case "p":
                self.page.text(self._text(element))
                self._frames(element)
            case "list":
                self._list(element, 0)
                self.page.end_list()
            case "table":
                self.table(element)
            case "frame":
                self._frame(element)
            case _ if name and name not in _UNREAD:
                self.walk(element)

    def _list(self, element: "etree._Element", depth: int) -> None:
        for item in element:
            marker = "-"
            for inner in item:
                if local_name(inner) == "list":
                    self._list(inner, depth + 1)
                elif local_name(inner) in {"p", "h"}:
                    self.page.item(self._text(inner), depth=depth, marker=marker)
                    self._frames(inner)
                    marker = " "
                else:
                    self._add(inner)

    def table(self, table: "etree._Element") -> None:
        """Add a table of a text or a slide, then the tables nested in it."""
        rows = [row for row in table.iter("{*}table-row") if _owner(row) is table]
        grid, nested = [], []
        for row in rows:
            cells = []
            for cell in row:
                if local_name(cell) == "table-cell":
                    width = whole_number(attribute(cell, "number-columns-spanned"), 1)
                    height = whole_number(attribute(cell, "number-rows-spanned"), 1)
                    cells.append((self.cell_text(cell), max(width, 1), max(height, 1)))
                    nested += [t for t in cell.iter("{*}table") if _owner(t) is table]
            repeated = whole_number(attribute(row, "number-rows-repeated"), 1)
            grid += [cells] * min(max(repeated, 1), _MAX_REPEATED)
        expanded = expand(grid)
        header = any(local_name(inner) == "table-header-rows" for inner in table)
        self.page.table(expanded, has_header=header or has_header(expanded))
        for inner in nested:
            self.table(inner)
        for frame in table.iter("{*}frame"):
            if _nearest(frame, "frame") is None and _owner(frame) is table:
                self._frame(frame)

    def cell_text(self, cell: "etree._Element") -> str:
        """Return the paragraphs and list items of a cell, without tables nested in it."""
        return " ".join(
            self._text(paragraph)
            for paragraph in cell.iter("{*}p", "{*}h")
            if _nearest(paragraph, "table-cell") is cell
        )

    def _frame(self, frame: "etree._Element") -> None:
        alternative = " ".join(
            (inner.text or "").strip() for inner in frame if local_name(inner) in {"desc", "title"}
        )
        for inner in frame:
            match local_name(inner):
                case "image":
                    address = attribute(inner, "href") or ""
                    image = read_part(self._package, address.removeprefix("./")) or b""
                    self.page.figure(image, alternative)
                    return
                case "text-box":
                    self.walk(inner)
                case "table":
                    self.table(inner)
                    return

    def _frames(self, paragraph: "etree._Element") -> None:
        for frame in paragraph.iter("{*}frame"):
            if _nearest(frame, "frame") is None:
                self._frame(frame)

    def _text(self, element: "etree._Element") -> str:
        return "".join(self._words(element))

    def _words(self, element: "etree._Element") -> Iterator[str]:
        yield re.sub(r"\s+", " ", element.text or "")
        for inner in element:
            match local_name(inner):
                case "s":
                    yield " "
                case "tab":
                    yield "\t"
                case "line-break":
                    yield "\n"
                case "note":
                    yield self._note(inner)
                case "frame" | "":
                    pass
                case name if name not in _UNREAD:
                    yield from self._words(inner)
            yield re.sub(r"\s+", " ", inner.tail or "")

    def _note(self, note: "etree._Element") -> str:
        citation = inner_text(child(note, "note-citation")).strip()[:16]
        body = child(note, "note-body")
        text = " ".join(self._text(p) for p in body) if body is not None else ""
        self._notes.append(f"[{citation}] {text}")
        return f"[{citation}]"


def _owner(element: "etree._Element") -> "etree._Element | None":
    return _nearest(element, "table")


def _nearest(element: "etree._Element", name: str) -> "etree._Element | None":
    return next((a for a in element.iterancestors() if local_name(a) == name), None)
