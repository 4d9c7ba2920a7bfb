"""The lines, tables and figures of one PDF page as blocks in reading order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from functions.parse.blocks import Block
from functions.parse.readers.pdf_columns import Placed, Row, columns, runs_right_to_left
from functions.parse.readers.pdf_content import PageContent, TextLine
from functions.parse.readers.pdf_engine import PdfPage
from functions.parse.readers.pdf_figures import (
    FIGURE_CAPTION,
    TABLE_CAPTION,
    cut_out,
    figure_beside,
)
from functions.parse.readers.pdf_headings import Fonts, OutlineEntry, heading_level
from functions.parse.readers.pdf_paragraphs import Paragraph, compose, paragraphs
from functions.parse.readers.pdf_tables import Table, TableFinder, with_aligned_tables
from lectern.documents import Box, Line

_MAX_CAPTION = 600  # characters
_MAX_LABELS = 1_500  # characters inside a figure: more is text in a frame
_MAX_FIGURES = 20  # of a page

Figure = tuple[Box, list[TextLine]]
"""The place of a figure and the lines inside it."""


class PageReader:
    """Turns the content of pages into blocks.

    Args:
        fonts: Of the whole range, see `fonts_of`.
        outline: Entries of the document's table of contents, by page number.
        is_word: Whether the document has the word, see `compose`.
    """

    def __init__(
        self,
        fonts: Fonts,
        outline: Mapping[int, Sequence[OutlineEntry]],
        is_word: Callable[[str], bool],
    ) -> None:
        self._fonts = fonts
        self._outline = outline
        self._is_word = is_word
        self._tables = TableFinder()

    def blocks(self, page: PdfPage, content: PageContent, page_number: int) -> list[Block]:
        """Return the page's blocks in reading order."""
        if not content.lines:
            return []
        aside = [line for line in content.lines if line.aside]
        if aside:
            content.lines = [line for line in content.lines if not line.aside]
        right_to_left = runs_right_to_left(line.text for line in content.lines)
        tables = self._tables.ruled(page, content)
        figures = _figures(content, tables)
        items: list[Placed] = [*content.lines, *tables]
        found: list[Block] = []
        for column in columns(items, right_to_left=right_to_left):
            rows = with_aligned_tables(column, right_to_left=right_to_left)
            for element in _elements(rows):
                if isinstance(element, Table):
                    found.append(_table_block(element))
                elif figure := figures.get(id(element.first)):
                    found.append(self._figure_block(page, content, element, figure))
                else:
                    found.append(self._text_block(element, page_number))
        found += [Block("text", n.text, lines=(Line(0, len(n.text), *n.box),)) for n in aside]
        return _with_captions(found)

    def _text_block(self, paragraph: Paragraph, page_number: int) -> Block:
        text, lines = compose(paragraph.rows, self._is_word)
        level = heading_level(paragraph, text, self._fonts, self._outline, page_number)
        if level:
            return Block("heading", text, level=level, lines=lines)
        return Block("list" if paragraph.list_item else "text", text, lines=lines)

    def _figure_block(
        self, page: PdfPage, content: PageContent, caption: Paragraph, figure: Figure
    ) -> Block:
        box, labels = figure
        text, lines = compose(caption.rows, self._is_word)
        if labels:
            inside, inner_lines = compose([labels], self._is_word)
            offset = len(text) + 1
            text = f"{text}\n{inside}"
            moved = (n._replace(start=n.start + offset, end=n.end + offset) for n in inner_lines)
            lines = (*lines, *moved)
        photographic = any(image.x0 < box.x1 and image.x1 > box.x0 for image in content.images)
        image, extension = cut_out(page, box, photographic=photographic)
        return Block("figure", text, lines=lines, box=box, image=image, image_extension=extension)


def _figures(content: PageContent, tables: Sequence[Table]) -> dict[int, Figure]:
    """Return the figures by the id of their caption's first line; their labels leave the lines."""
    if content.turned or not (content.images or content.drawings):
        return {}
    captions = [line for line in content.lines if FIGURE_CAPTION.match(line.text)][:_MAX_FIGURES]
    if not captions:
        return {}
    if tables:
        content.drawings = [
            box for box in content.drawings if not any(_covers(t.box, box) for t in tables)
        ]
    figures: dict[int, Figure] = {}
    for caption in captions:
        box = figure_beside(caption.box, content, [other.box for other in captions])
        if box is None or any(_overlap(box, other) for other, _ in figures.values()):
            continue
        labels = [line for line in content.lines if _covers(box, line.box)]
        if sum(len(line.text) for line in labels) > _MAX_LABELS or any(
            line in captions for line in labels
        ):
            continue
        inside = {id(line) for line in labels}
        content.lines = [line for line in content.lines if id(line) not in inside]
        figures[id(caption)] = (box, labels)
    return figures


def _elements(column: Sequence[Row]) -> Iterator[Paragraph | Table]:
    """Yield paragraphs and tables of a column in order."""
    texts: list[Row] = []
    for row in column:
        tables = [item for item in row.items if isinstance(item, Table)]
        if not tables:
            texts.append(row)
            continue
        yield from paragraphs(texts)
        texts = []
        beside = [item for item in row.items if not isinstance(item, Table)]
        if beside:
            yield from paragraphs([Row([item]) for item in beside])
        yield from tables
    yield from paragraphs(texts)


def _table_block(table: Table) -> Block:
    return Block(
        "table",
        "",
        box=table.box,
        rows=table.rows,
        has_header=table.has_header,
        row_boxes=table.row_boxes,
    )


def _with_captions(blocks: list[Block]) -> list[Block]:
    """Return the blocks with each table caption inside the table after it, or else before it."""
    result: list[Block] = []
    pending: Block | None = None
    for block in blocks:
        if block.kind == "table" and pending is not None:
            result[-1] = _captioned(block, pending)
            pending = None
            continue
        pending = None
        if _is_table_caption(block):
            before = result[-1] if result else None
            if before is not None and before.kind == "table" and not before.text:
                result[-1] = _captioned(before, block)
                continue
            pending = block
        result.append(block)
    return result


def _captioned(table: Block, caption: Block) -> Block:
    return replace(table, text=caption.text, lines=caption.lines)


def _is_table_caption(block: Block) -> bool:
    return (
        block.kind in {"text", "heading"}
        and len(block.text) <= _MAX_CAPTION
        and bool(TABLE_CAPTION.match(block.text))
    )


def _covers(outer: Box, inner: Box) -> bool:
    x, y = (inner.x0 + inner.x1) / 2, (inner.y0 + inner.y1) / 2
    return outer.x0 - 1 <= x <= outer.x1 + 1 and outer.y0 - 1 <= y <= outer.y1 + 1


def _overlap(a: Box, b: Box) -> bool:
    return a.x0 < b.x1 and a.x1 > b.x0 and a.y0 < b.y1 and a.y1 > b.y0
