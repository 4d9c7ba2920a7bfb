"""Tables as they stand in chunks, in Markdown, put together again."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lectern.api import Passage

_ROW = re.compile(r"^\s*\|(.*)\|\s*$")
_RULE = re.compile(r"^[\s:|-]+$")
_CELL = re.compile(r"(?<!\\)\|")
_MOST_COLUMNS = 200


@dataclass(slots=True)
class DocumentTable:
    """A table of a document: `name` is what a query calls it; rows are as long as `columns`."""

    name: str
    page_number: int
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    chunks: list[Passage] = field(default_factory=list)


def tables_of(chunks: Iterable[Passage]) -> list[DocumentTable]:
    """Return the tables of a document.

    A table that was split by rows repeats its header in every chunk; chunks that follow each other
    with the same header are one table.

    Args:
        chunks: Chunks of the kind `table`, in reading order.
    """
    tables: list[DocumentTable] = []
    for chunk in chunks:
        header, rows = _read(chunk.text)
        if not header:
            continue
        if not tables or tables[-1].columns != header:
            tables.append(DocumentTable(f"t{len(tables) + 1}", chunk.page_number, header))
        tables[-1].rows += rows
        tables[-1].chunks.append(chunk)
    return tables


def _read(markdown: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    lines = [match[1] for line in markdown.splitlines() if (match := _ROW.match(line))]
    cells = [_cells(line) for line in lines if not _RULE.match(line)]
    if not cells or len(cells[0]) > _MOST_COLUMNS:
        return (), []
    header = _distinct(cells[0])
    rows = [(*row, *[""] * len(header))[: len(header)] for row in cells[1:]]
    return header, rows


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip().replace(r"\|", "|") for cell in _CELL.split(line))


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return names for columns: none empty, none twice, whatever the case."""
    taken: set[str] = set()
    distinct = []
    for number, name in enumerate(names, start=1):
        base = name or f"column {number}"
        chosen, copy = base, 2
        while chosen.casefold() in taken:
            chosen, copy = f"{base} {copy}", copy + 1
        taken.add(chosen.casefold())
        distinct.append(chosen)
    return tuple(distinct)
