"""Pages into chunks: what is embedded, found and cited.

A chunk lies on one page and under one heading; headings stand at the beginning of the chunk that
follows them. Whole paragraphs are packed up to the budget. Tables and figures are chunks of their
own.
"""

# ruff: noqa: RUF001 - full-width punctuation is meant

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from functions.parse.blocks import Block, ReadPage
from functions.parse.rendering import Placed, render
from functions.parse.splitting import Span, pack
from lectern.documents import ChunkKind, Line, Page
from lectern.tokens import token_estimator

CountTokens = Callable[[str], int]

_HEADING_CHARACTERS = 160
_PATH_SHARE = 3  # headings may take a third of the budget
_SMALL_SHARE = 4  # a last piece under a quarter of the budget takes over from the one before
_FIGURE_NAME = re.compile(
    r"^\W*((?:fig(?:ure|\.)?|abb(?:ildung|\.)?|chart|그림|圖|图|図)\s*\d+(?:[.\-]\d+)*)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?。！？](?=\s|$)|\n|$")


@dataclass(frozen=True, slots=True)
class Draft:
    """A chunk before it has an id; see `lectern.documents.Chunk`. `figure` holds its image."""

    page_number: int
    kind: ChunkKind
    text: str
    heading_path: tuple[str, ...]
    char_start: int
    char_end: int
    lines: tuple[Line, ...]
    figure: Block | None = None


class Chunker:
    """Cuts pages into chunks, in order; it remembers under which headings it is.

    Args:
        chunk_tokens: Most tokens of a chunk with its heading path, which is embedded with it.
        estimator: Returns, for the text of a page, what counts the tokens of texts on it; more
            text never has fewer.
        headings: Level and text of the headings that stand above the first page.
    """

    def __init__(
        self,
        *,
        chunk_tokens: int,
        estimator: Callable[[str], CountTokens] = token_estimator,
        headings: Sequence[tuple[int, str]] = (),
    ) -> None:
        self._budget = chunk_tokens
        self._estimator = estimator
        self._count = estimator("")
        self._headings: list[tuple[int, str]] = []
        for level, text in headings:
            self._enter(level, text)

    def chunk(self, page: ReadPage) -> tuple[Page, list[Draft]]:
        """Return the page's text and its chunks in reading order. Equal input gives equal output.

        No chunk exceeds the budget, and their spans cover the text but for white space.
        """
        text, placed = render(page)
        self._count = self._estimator(text)
        drafts: list[Draft] = []
        for run in _runs(placed):
            if level := run[0].block.closes:
                self._leave(level)
            kind = run[0].block.kind
            if kind == "table":
                drafts += self._chunk_table(page, text, run[0])
            elif kind == "figure":
                drafts += self._chunk_figure(page, text, run[0])
            else:
                drafts += self._chunk_text(page, text, run)
        whole = Page(
            page_number=page.page_number,
            width=page.width,
            height=page.height,
            label=page.label,
            text=text,
        )
        return whole, drafts

    def _leave(self, level: int) -> None:
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()

    def _enter(self, level: int, text: str) -> None:
        self._leave(level)
        line = " ".join(text.split())[:_HEADING_CHARACTERS]
        if line:
            self._headings.append((level, line))

    def _path(self) -> tuple[tuple[str, ...], int]:
        """Return the headings, the outermost left out while they are too long, and what is left."""
        path = tuple(text for _, text in self._headings)
        while path and self._count("\n".join(path)) > self._budget // _PATH_SHARE:
            path = path[1:]
        return path, self._budget - (self._count("\n".join(path)) if path else 0)

    def _chunk_text(self, page: ReadPage, text: str, run: list[Placed]) -> Iterator[Draft]:
        for item in run:
            if item.block.kind == "heading":
                self._enter(item.block.level, text[item.start : item.end])
        path, room = self._path()
        spans = self._pack(text, [(item.start, item.end) for item in run], room)
        lines = [line for item in run for line in item.lines]
        for start, end in spans:
            yield Draft(
                page.page_number,
                "text",
                text[start:end],
                path,
                start,
                end,
                _lines_within(lines, start, end),
            )

    def _pack(self, text: str, units: list[Span], room: int) -> list[Span]:
        def fits(start: int, end: int) -> bool:
            return self._count(text[start:end]) <= room

        spans = pack(text, units, fits)
        if len(spans) > 1 and self._count(text[slice(*spans[-1])]) < room // _SMALL_SHARE:
            (first, _), (_, last) = spans[-2:]
            starts = [start for start, _ in units if first < start < spans[-1][0]]
            halves = [start for start in starts if start - first >= last - start]
            if halves and fits(halves[0], last):
                before = text[first : halves[0]].rstrip()
                spans[-2:] = [(first, first + len(before)), (halves[0], last)]
        return spans

    def _chunk_table(self, page: ReadPage, text: str, item: Placed) -> Iterator[Draft]:
        path, room = self._path()
        header = item.header
        if self._count(header) > room // 2:
            header = ""
        header_end = item.rows[0][1] if item.rows else item.end
        edges = sorted({item.start, item.end, *(start for start, _ in item.rows)})

        def prefix(start: int) -> str:
            return header if start >= header_end else ""

        def fits(start: int, end: int) -> bool:
            return self._count(prefix(start) + text[start:end]) <= room

        for start, end in pack(text, pairwise(edges), fits):
            repeated = prefix(start)
            yield Draft(
                page.page_number,
                "table",
                repeated + text[start:end],
                path,
                start,
                end,
                _lines_within(item.lines, start, end, offset=len(repeated)),
            )

    def _chunk_figure(self, page: ReadPage, text: str, item: Placed) -> Iterator[Draft]:
        path, room = self._path()
        spans = self._pack(text, [(item.start, item.end)], room)
        for start, end in spans:
            draft = Draft(
                page.page_number,
                "figure",
                text[start:end],
                path,
                start,
                end,
                _lines_within(item.lines, start, end),
                item.block if item.block.image else None,
            )
            reference = _reference(text, item) if len(spans) == 1 else ""
            with_reference = f"{draft.text}\n\n{reference}"
            if reference and self._count(with_reference) <= room:
                draft = replace(draft, text=with_reference)
            yield draft


def _runs(placed: Iterable[Placed]) -> Iterator[list[Placed]]:
    """Yield what may share chunks: headings with the text under them; a table; a figure."""
    run: list[Placed] = []
    for item in placed:
        alone = item.block.kind in {"table", "figure"}
        opens = item.block.kind == "heading" and any(r.block.kind != "heading" for r in run)
        if run and (alone or opens or item.block.closes):
            yield run
            run = []
        if alone:
            yield [item]
        else:
            run.append(item)
    if run:
        yield run


def _lines_within(
    lines: Iterable[Line], start: int, end: int, *, offset: int = 0
) -> tuple[Line, ...]:
    """Return the lines cut to the span, with offsets into the text of its chunk."""
    return tuple(
        line._replace(
            start=max(line.start, start) - start + offset, end=min(line.end, end) - start + offset
        )
        for line in lines
        if line.start < end and line.end > start
    )


def _reference(text: str, item: Placed) -> str:
    """Return the first sentence elsewhere on the page that names the figure, or ""."""
    name = _FIGURE_NAME.match(text[item.start : item.end])
    if name is None:
        return ""
    number = re.escape(name[1].split()[-1])
    mention = re.compile(rf"(?:fig(?:ure|\.)?|그림|圖|图|図)\s*{number}(?!\d)", re.IGNORECASE)
    for match in mention.finditer(text):
        if not item.start <= match.start() < item.end:
            before = max(text.rfind(end, 0, match.start()) + 1 for end in ".!?。！？\n")
            end = _SENTENCE_END.search(text, match.end())
            return " ".join(text[before : end.end() if end else len(text)].split())
    return ""
