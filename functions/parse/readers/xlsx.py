"""Excel workbooks (.xlsx, .xlsm): a sheet is a page; results of formulas, merged cells repeated.

Per cent are shown as the sheet shows them; other numbers keep all their digits.

Read in streaming mode, so that memory follows the filled cells and not the sheet's claimed size.
"""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from zipfile import ZipFile

from functions.parse.blocks import ReadPage
from functions.parse.readers.cleaning import clean_line
from functions.parse.readers.office_parts import OfficeParts, refuse_strict
from functions.parse.readers.packages import open_package
from functions.parse.readers.page_builder import PageBuilder
from functions.parse.readers.safe_xml import stream_xml
from functions.parse.readers.sheet_grids import add_sheet, refuse_too_many

if TYPE_CHECKING:
    from openpyxl import Workbook

_VISITED_PER_CELL = 20
"""A sheet may hold so many empty fields for every filled one that it is allowed."""
_MAX_MERGED_CELLS = 100_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_MERGE_TAG, _ROW_TAG = f"{_MAIN}mergeCell", f"{_MAIN}row"
_KIND = "Excel"
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')  # of a number format: shown as it stands
_MOST_DECIMALS = 30  # Excel's own limit
_PERCENT = re.compile(r"[0#?](?:\.([0#?]*))?\s*%")


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield a page per sheet; sheets that only hold a chart are left out. See `Reader`."""
    del first_page, last_page
    with open_package(path, kind=_KIND) as package, path.open("rb") as file:
        refuse_strict(OfficeParts(package), _KIND)
        workbook = _open(file)
        try:
            for number, sheet in enumerate(workbook.worksheets, start=1):
                page = PageBuilder()
                title = sheet.title
                if sheet.sheet_state != "visible":
                    title = f"{title} (hidden sheet)"
                page.heading(title, 1)
                cells = _cells(sheet)
                _spread_merged(cells, package, sheet)
                add_sheet(page, cells)
                yield page.page(number, label=sheet.title)
        finally:
            workbook.close()


def _open(file: IO[bytes]) -> "Workbook":
    """Open the workbook; openpyxl's remarks on features it skips are not ours to show.

    Given a path, openpyxl would judge the file by its name.
    """
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return load_workbook(file, read_only=True, data_only=True, keep_links=False)


def _cells(sheet: Any) -> dict[tuple[int, int], str]:
    sheet.reset_dimensions()  # what a file claims about its size is often wrong
    cells: dict[tuple[int, int], str] = {}
    visited = 0
    for row_number, row in enumerate(sheet.iter_rows(), start=1):
        for column, cell in enumerate(row, start=1):
            value = cell.value
            if value is not None and (text := _shown_as(value, cell)):
                cells[row_number, column] = text
        visited += 1 + len(row)
        refuse_too_many(max(len(cells), visited // _VISITED_PER_CELL), sheet.title)
    return cells


def _spread_merged(cells: dict[tuple[int, int], str], package: ZipFile, sheet: Any) -> None:
    """Repeat the text of merged cells; in streaming mode openpyxl does not know of them."""
    from openpyxl.utils.cell import range_boundaries

    covered = 0
    with package.open(sheet._worksheet_path.lstrip("/")) as stream:  # noqa: SLF001 - no other way
        for element in stream_xml(stream, (_MERGE_TAG, _ROW_TAG)):  # rows: to be forgotten
            if element.tag == _ROW_TAG:
                continue
            left, top, right, bottom = (
                edge or 0 for edge in range_boundaries(element.get("ref", "A1"))
            )
            text = cells.get((top, left))
            covered += (right - left + 1) * (bottom - top + 1)
            if text is None or covered > _MAX_MERGED_CELLS:
                continue
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    cells.setdefault((row, column), text)


def _shown_as(value: Any, cell: Any) -> str:
    """Return a number in its cell's format where that is per cent, else `shown`."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        decimals = _percent_decimals(cell.number_format)
        if decimals is not None:
            return f"{_rounded(value * 100, decimals)}%"
    return shown(value)


@cache
def _percent_decimals(number_format: str) -> int | None:
    """Return how many decimals a format (ECMA-376, 18.8.31) shows per cent, None for others."""
    first = _LITERAL.sub("", number_format).partition(";")[0]
    found = _PERCENT.search(first)
    return min(len(found[1] or ""), _MOST_DECIMALS) if found else None


def _rounded(value: float, decimals: int) -> str:
    """Return a number rounded half away from zero, as Excel does; tiny errors of floats apart."""
    with localcontext() as context:
        context.rounding = ROUND_HALF_UP
        return f"{Decimal(f'{value:.15g}'):.{decimals}f}"


def shown(value: Any) -> str:
    """Return a cell's value as text.

    Dates are ISO 8601, durations hours, minutes and seconds; whole numbers have no fraction.
    """
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004
        case dt.datetime():
            midnight = value.time() == dt.time()
            return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            return _duration(value)
        case _:
            return clean_line(str(value))


def _duration(value: dt.timedelta) -> str:
    minutes, seconds = divmod(abs(round(value.total_seconds())), 60)
    sign = "-" if value < dt.timedelta() else ""
    tail = f":{seconds:02}" if seconds else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}{tail}"
