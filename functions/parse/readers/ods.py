"""OpenDocument spreadsheets (.ods): a sheet is a page, values as they are shown."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from functions.parse.blocks import ReadPage
from functions.parse.readers.cleaning import clean_line
from functions.parse.readers.odf import OdfWalker, open_body
from functions.parse.readers.office_parts import attribute
from functions.parse.readers.page_builder import PageBuilder
from functions.parse.readers.safe_xml import local_name
from functions.parse.readers.sheet_grids import add_sheet, refuse_too_many

if TYPE_CHECKING:
    from lxml import etree

_MAX_REPEATED_FILLED = 1024
"""Filled cells a file repeats; empty ones are repeated a million times and only counted."""


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield a page per sheet. See `Reader`."""
    del first_page, last_page
    with open_body(path, "spreadsheet") as (package, body):
        sheets = [element for element in body if local_name(element) == "table"]
        for number, sheet in enumerate(sheets, start=1):
            page = PageBuilder()
            name = attribute(sheet, "name") or f"Sheet {number}"
            page.heading(name, 1)
            add_sheet(page, _cells(sheet, OdfWalker(page, package), name))
            yield page.page(number, label=name)


def _cells(sheet: "etree._Element", walker: OdfWalker, name: str) -> dict[tuple[int, int], str]:
    cells: dict[tuple[int, int], str] = {}
    row_number = 1
    for row in sheet.iter("{*}table-row"):
        filled: dict[int, str] = {}
        column = 1
        for cell in row:
            width = _count(cell, "number-columns-repeated")
            if local_name(cell) == "table-cell" and (text := clean_line(_value(cell, walker))):
                across = min(
                    max(width, _count(cell, "number-columns-spanned")), _MAX_REPEATED_FILLED
                )
                down = min(_count(cell, "number-rows-spanned"), _MAX_REPEATED_FILLED)
                filled |= dict.fromkeys(range(column, column + across), text)
                for below in range(1, down):
                    for field in range(column, column + across):
                        cells[row_number + below, field] = text
            column += width
        height = _count(row, "number-rows-repeated")
        for repeated in range(min(height, _MAX_REPEATED_FILLED) if filled else 0):
            cells |= {(row_number + repeated, field): text for field, text in filled.items()}
        refuse_too_many(len(cells), name)
        row_number += height
    return cells


def _value(cell: "etree._Element", walker: OdfWalker) -> str:
    """Return a date as ISO 8601, anything else as the sheet shows it."""
    date = attribute(cell, "date-value")
    return date.replace("T", " ") if date else walker.cell_text(cell)


def _count(element: "etree._Element", name: str) -> int:
    value = attribute(element, name) or "1"
    return max(int(value), 1) if value.isdecimal() and len(value) < 9 else 1  # noqa: PLR2004
