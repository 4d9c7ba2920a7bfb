"""Tables as they stand in chunks, in Markdown, put together again."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from lectern.api import ChunkReply

_RULE = re.compile(r"\s*\|(?:\s*:?-{3,}:?\s*\|)+\s*")
_ROW = re.compile(r"\s*\|(?:(?:\\.|[^\\|])*\|)+\s*")
_CELL = re.compile(r"((?:\\.|[^\\|])*)\|")
_BAR = re.compile(r"\\.|\|")
_ESCAPED = re.compile(r"\\(.)")
_BETWEEN_ROWS = 1  # characters; there are more between a table and what follows it on its page


@dataclass(slots=True)
class DocumentTable:
    """A table of a document: `name` is what a query calls it; rows are as long as `columns`.

    `caption` is what stands above it, "" for nothing; `chunks` are what it was cut into.
    """

    name: str
    page_number: int
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    chunks: list[ChunkReply] = field(default_factory=list)
    caption: str = ""


def tables_of(chunks: Iterable[ChunkReply]) -> list[DocumentTable]:
    """Return the tables of a document, `t1`, `t2`, … in reading order.

    Chunks are one table when they adjoin on their page. Tables with equal headers stay apart, on
    one page and on several; equal rows are all kept. A table that begins with no header has columns
    by number.

    Args:
        chunks: Chunks of the kind `table`, in reading order.
    """
    tables: list[DocumentTable] = []
    for _, page in groupby(chunks, key=lambda chunk: chunk.page_number):
        for pieces in _adjoining(page):
            if table := _read(pieces, f"t{len(tables) + 1}"):
                tables.append(table)
    return tables


def _adjoining(chunks: Iterable[ChunkReply]) -> list[list[ChunkReply]]:
    """Return the chunks of a page by the table that they were cut from."""
    groups: list[list[ChunkReply]] = []
    for chunk in chunks:
        gap = chunk.char_start - groups[-1][-1].char_end if groups else -1
        if 0 <= gap <= _BETWEEN_ROWS or (groups and _repeated(chunk)):
            groups[-1].append(chunk)
        else:
            groups.append([chunk])
    return groups


def _read(pieces: Sequence[ChunkReply], name: str) -> DocumentTable | None:
    lines = _lines(pieces)
    first = next((n for n, line in enumerate(lines) if _is_row(line)), None)
    if first is None:
        return None
    has_header = first + 1 < len(lines) and bool(_RULE.fullmatch(lines[first + 1]))
    header = _cells(lines[first]) if has_header else ()
    rows = [_cells(line) for line in lines[first + 2 * has_header :] if _is_row(line)]
    width = max(len(header), *map(len, rows)) if rows else len(header)
    blanks = [""] * width
    return DocumentTable(
        name,
        pieces[0].page_number,
        _distinct((*header, *blanks)[:width]),
        [(*row, *blanks)[:width] for row in rows],
        list(pieces),
        " ".join(lines[:first]),
    )


def _repeated(chunk: ChunkReply) -> int:
    """Return the length of the header that a later piece of a table repeats."""
    return max(0, len(chunk.text) - (chunk.char_end - chunk.char_start))


def _lines(pieces: Sequence[ChunkReply]) -> list[str]:
    """Return the lines of a table; a row that was cut is one again. Linear in their length."""
    lines: list[_Line] = []
    first: _Line | None = None
    end = 0
    for piece in pieces:
        more = piece.text[_repeated(piece) :].split("\n")
        if first is not None and _goes_on(lines[-1], first, more[0]):
            lines[-1].add(" " * (piece.char_start - end))
            lines[-1].add(more.pop(0))
        for text in more:
            lines.append(_Line())
            lines[-1].add(text)
            if first is None and text.startswith("|"):
                first = lines[-1]
        end = piece.char_end
    return ["".join(line.parts) for line in lines]


@dataclass(slots=True)
class _Line:
    """A line as its parts come; `bars` counts those between and around its cells."""

    parts: list[str] = field(default_factory=list)
    bars: int = 0
    _escaped: bool = False

    def add(self, text: str) -> None:
        if text:
            own = text[self._escaped :]
            self.bars += sum(found[0] == "|" for found in _BAR.finditer(own))
            self._escaped = (len(own) - len(own.rstrip("\\"))) % 2 == 1
            self.parts.append(text)


def _goes_on(last: _Line, first: _Line, following: str) -> bool:
    """Whether the last line was cut: it has fewer cells than the first, or that has no end yet."""
    if last is not first:
        return bool(last.parts) and last.parts[0].startswith("|") and last.bars < first.bars
    return not (last.parts[-1].endswith("|") and following.startswith("|"))


def _is_row(line: str) -> bool:
    return _ROW.fullmatch(line) is not None


def _cells(line: str) -> tuple[str, ...]:
    cells = _CELL.findall(line.strip()[1:])
    return tuple(_ESCAPED.sub(r"\1", cell.strip()) for cell in cells)


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
