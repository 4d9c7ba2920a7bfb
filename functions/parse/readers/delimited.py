"""CSV and TSV: one table; the delimiter and the header are found by looking."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from functions.parse.blocks import ReadPage
from functions.parse.readers.decoding import decode, read_limited
from functions.parse.readers.page_builder import PageBuilder
from lectern.errors import TooLarge

MAX_CELLS = 5_000_000
MAX_COLUMNS = 4096
_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 50
_LONGEST_FIELD = 8 * 1024 * 1024
_NUMBER = re.compile(r"[-+(]?[\d$€£₩¥%.,'\s]*\d[\d.,'\s]*[%)]?|\d{4}-\d\d(-\d\d)?.*")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield one page. See `Reader`."""
    del first_page, last_page
    text = decode(read_limited(path))
    delimiter = None
    if declared := _SEPARATOR_LINE.match(text):  # written by Excel
        delimiter, text = declared[1], text[declared.end() :]
    rows = list(_bounded(parse_rows(text, delimiter or sniff_delimiter(text))))
    page = PageBuilder()
    page.table(rows, has_header=has_header(rows))
    yield page.page(1)


def parse_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the rows of a delimited text; quoted fields may hold line breaks."""
    csv.field_size_limit(_LONGEST_FIELD)
    yield from csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)


def sniff_delimiter(text: str) -> str:
    """Return the delimiter that cuts the first rows into the most columns most evenly."""
    sample = text[: 64 * 1024]

    def evenness(delimiter: str) -> tuple[float, int]:
        rows = [row for row in islice(parse_rows(sample, delimiter), _SAMPLE_ROWS) if row]
        widths = Counter(len(row) for row in rows)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        return (count / max(len(rows), 1) if width > 1 else 0.0, width)

    try:
        return max(_DELIMITERS, key=evenness)
    except csv.Error:
        return ","


def has_header(rows: list[list[str]]) -> bool:
    """Whether the first row names columns: its cells are filled words, unlike the rows below.

    A row of words above rows of words counts as a header, because tables mostly have one.
    """
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return False
    first = [cell.strip() for cell in filled[0] if cell.strip()]
    numeric = sum(_NUMBER.fullmatch(cell[:64]) is not None for cell in first)
    return len(filled) > 1 and numeric * 2 < len(first)


def _bounded(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    cells = 0
    for row in rows:
        cells += len(row)
        if len(row) > MAX_COLUMNS or cells > MAX_CELLS:
            raise TooLarge(
                f"the table has more than {MAX_CELLS} cells or {MAX_COLUMNS} columns; split it"
            )
        yield row
