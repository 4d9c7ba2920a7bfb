"""The pages of a document as a service's reply fills them, in the order it gives."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from functions.parse.blocks import Block, BlockKind, ReadPage
from functions.parse.readers.cleaning import clean, clean_line, clean_prose
from functions.parse.readers.pdf_content import read_content
from functions.parse.readers.pdf_engine import Document, PdfPage, pymupdf
from functions.parse.readers.pdf_figures import cut_out
from functions.parse.readers.replies.grids import Cell, grid_of
from functions.parse.readers.replies.placing import Scale, TextOnPage, place
from lectern.documents import Box, Line

_MAX_FIGURES = 20  # of a page
_MAX_LABELS = 1_500  # characters inside a figure: more is text in a frame
_MIN_SIDE = 20.0  # points of a figure: less is an ornament
_DEEPEST = 9


@dataclass(slots=True)
class Text:
    """A piece of text of a reply, and where on one page it stands, in one column or in several."""

    text: str
    boxes: tuple[Box, ...] = ()


class Sheet:
    """One page: its size and its own lines from the document, its blocks from the reply.

    Args:
        page: The page of the document; None for one that cannot be read.
        number: Its number in the document, 1-based.
    """

    def __init__(self, page: PdfPage | None, number: int) -> None:
        self.number = number
        self.scale = Scale(0, 0, 0, 0)
        self.lines: Sequence[TextOnPage] | None = None
        """Lines that the service found; None: those of the page itself."""
        self._page = page
        self._blocks: list[Block] = []
        self._items: list[tuple[str, tuple[Line, ...]]] = []
        self._figures = 0

    @cached_property
    def size(self) -> tuple[float, float]:
        """Width and height in points as displayed, (0, 0) of a page that cannot be read."""
        if self._page is None:
            return 0.0, 0.0
        if self._page.rotation:
            self._page.remove_rotation()
        return self._page.rect.width, self._page.rect.height

    def measured(self, width: float, height: float) -> None:
        """Say how large the page is in the reply's unit, before any of its boxes."""
        self.scale = Scale(*self.size, width, height)

    def heading(self, piece: Text, level: int) -> None:
        """Add a heading; `level` 1 is the outermost."""
        if text := clean_line(piece.text):
            level = min(max(level, 1), _DEEPEST)
            self._add(Block("heading", text, level=level, lines=self._placed(text, piece.boxes)))

    def text(self, piece: Text, kind: BlockKind = "text") -> None:
        """Add a paragraph, a list that stands in one piece, or code."""
        if text := clean(piece.text).strip("\n") if kind == "code" else clean_prose(piece.text):
            self._add(Block(kind, text, lines=self._placed(text, piece.boxes)))

    def item(self, piece: Text, *, depth: int, marker: str) -> None:
        """Add a list item; items that follow each other become one list."""
        if text := clean_prose(piece.text):
            before = f"{'  ' * min(max(depth, 0), _DEEPEST)}{clean_line(marker)[:12] or '-'} "
            lines = _moved(self._placed(text, piece.boxes), len(before))
            self._items.append((before + text, lines))

    def table(self, cells: Iterable[Cell], box: Box | None, captions: Sequence[Text]) -> None:
        """Add a table with its captions; one in which nothing stands leaves the captions."""
        grid = grid_of(cells, box)
        caption, lines = self._joined(captions, " ")
        if grid is None:
            for each in captions:
                self.text(each)
            return
        self._add(
            Block(
                "table",
                caption,
                lines=lines,
                box=box,
                rows=grid.rows,
                has_header=grid.has_header,
                row_boxes=grid.row_boxes,
            )
        )

    def figure(self, box: Box | None, captions: Sequence[Text], inside: Sequence[Text]) -> None:
        """Add a figure, cut out of the page: its captions, then what is written in it."""
        if sum(len(each.text) for each in inside) > _MAX_LABELS:
            for each in inside:
                self.text(each)
            inside = ()
        text, lines = self._joined((*captions, *inside), "\n")
        image, extension = self._cut(box)
        if text or image:
            self._add(
                Block("figure", text, lines=lines, box=box, image=image, image_extension=extension)
            )

    def read_page(self, label: str | None) -> ReadPage:
        """Return the page with what was added to it."""
        self._end_list()
        return ReadPage(self.number, tuple(self._blocks), *self.size, label)

    def _add(self, block: Block) -> None:
        self._end_list()
        self._blocks.append(block)

    def _end_list(self) -> None:
        if self._items:
            text, lines = _concatenated(self._items, "\n")
            self._items = []
            self._blocks.append(Block("list", text, lines=lines))

    def _joined(self, pieces: Iterable[Text], separator: str) -> tuple[str, tuple[Line, ...]]:
        cleaned = ((clean_line(piece.text), piece.boxes) for piece in pieces)
        placed = [(text, self._placed(text, boxes)) for text, boxes in cleaned if text]
        return _concatenated(placed, separator)

    def _placed(self, text: str, boxes: Sequence[Box]) -> tuple[Line, ...]:
        return place(text, boxes, self._own_lines if self.lines is None else self.lines)

    @cached_property
    def _own_lines(self) -> Sequence[TextOnPage]:
        if self._page is None:
            return ()
        with suppress(RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase):  # a damaged page
            return [TextOnPage(each.text, each.box) for each in read_content(self._page).lines]
        return ()

    def _cut(self, box: Box | None) -> tuple[bytes, str]:
        if self._page is None or box is None or self._figures >= _MAX_FIGURES:
            return b"", ""
        if box.x1 - box.x0 < _MIN_SIDE or box.y1 - box.y0 < _MIN_SIDE:
            return b"", ""
        self._figures += 1
        try:
            shown = [Box(*info["bbox"]) for info in self._page.get_image_info()]
            photographic = any(each.x0 < box.x1 and each.x1 > box.x0 for each in shown)
            return cut_out(self._page, box, photographic=photographic)
        except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase):
            return b"", ""  # a damaged page has its words all the same


@dataclass(slots=True)
class Sheets:
    """The pages that a service was sent, by their numbers in its reply, which begin with 1.

    Args:
        document: The document they are of.
        first_page: Number in the document of the reply's page 1.
        last_page: Number in the document of the last page that was sent.
    """

    document: Document
    first_page: int
    last_page: int
    _sheets: dict[int, Sheet] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number in range(self.first_page, self.last_page + 1):
            self._sheets[number - self.first_page + 1] = Sheet(self._page(number), number)

    def _page(self, number: int) -> PdfPage | None:
        with suppress(RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase):
            return self.document[number - 1]
        return None

    def get(self, reply_page: int) -> Sheet | None:
        """Return the page, None when no such page was sent."""
        return self._sheets.get(reply_page)

    def __iter__(self) -> Iterator[Sheet]:
        """Yield the pages in order."""
        return iter(self._sheets.values())


def _concatenated(
    pieces: Iterable[tuple[str, tuple[Line, ...]]], separator: str
) -> tuple[str, tuple[Line, ...]]:
    texts: list[str] = []
    lines: list[Line] = []
    position = 0
    for text, placed in pieces:
        lines += _moved(placed, position)
        texts.append(text)
        position += len(text) + len(separator)
    return separator.join(texts), tuple(lines)


def _moved(lines: Iterable[Line], by: int) -> tuple[Line, ...]:
    return tuple(line._replace(start=line.start + by, end=line.end + by) for line in lines)
