"""Collects what a reader meets on a page, in order, cleaned, without the empty."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from functions.parse.blocks import Block, ReadPage
from functions.parse.readers.cleaning import clean, clean_line, clean_prose
from lectern.errors import TooLarge

MAX_PAGE_CHARACTERS = 64 * 1024 * 1024
"""Text of one page (a whole file, for formats without pages) above which reading stops."""

MAX_FIGURE_BYTES = 16 * 1024 * 1024
"""Larger pictures are left out; their captions stay."""

_SIGNATURES = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}
_DEEPEST_HEADING = 9


class PageBuilder:
    """The blocks of one page as they are found; nothing empty gets in, consecutive items join.

    Args:
        starts_anew: Whether no heading of an earlier page stands above this one: a slide.
    """

    def __init__(self, *, starts_anew: bool = False) -> None:
        self._blocks: list[Block] = []
        self._items: list[str] = []
        self._characters = 0
        self._open: list[int] = []  # levels of the headings above what comes next
        self._closes = 1 if starts_anew else 0

    def heading(self, text: str, level: int) -> None:
        """Add a heading; `level` 1 is the outermost and is clamped to 1..9."""
        if line := clean_line(text):
            level = min(max(level, 1), _DEEPEST_HEADING)
            self._add(Block("heading", line, level=level))
            self._open = [*(above for above in self._open if above < level), level]

    def leave(self, level: int) -> None:
        """End what stands under headings of `level` and deeper, such as an object within JSON."""
        if any(above >= level for above in self._open):
            self.end_list()
            self._open = [above for above in self._open if above < level]
            self._closes = min(level, self._closes or level)

    def text(self, text: str) -> None:
        """Add a paragraph; its line breaks stay."""
        if prose := clean_prose(text):
            self._add(Block("text", prose))

    def item(self, text: str, *, depth: int = 0, marker: str = "-") -> None:
        """Add a list item; items without anything between them become one list block.

        `depth` 0 is the outermost; `marker` is the bullet or the number with its full stop.
        """
        if prose := clean_prose(text):
            indent = "  " * min(max(depth, 0), _DEEPEST_HEADING)
            self._count(len(prose))
            self._items.append(f"{indent}{marker} {prose}")

    def code(self, text: str) -> None:
        """Add a listing; its spaces stay."""
        if listing := clean(text).strip("\n").rstrip():
            self._add(Block("code", listing))

    def table(
        self, rows: Iterable[Sequence[str]], *, has_header: bool = True, caption: str = ""
    ) -> None:
        """Add a table: cells on one line, rows padded to equal length, empty edges cut off."""
        grid = _trimmed([[clean_line(cell) for cell in row] for row in rows])
        if grid:
            self._count(sum(len(cell) for row in grid for cell in row))
            self._add(Block("table", clean_line(caption), rows=grid, has_header=has_header))

    def figure(self, image: bytes, caption: str) -> None:
        """Add a picture with its caption; only PNG and JPEG are kept, others leave the caption."""
        line = clean_line(caption)
        extension = image_extension(image)
        if extension and len(image) <= MAX_FIGURE_BYTES:
            self._add(Block("figure", line, image=image, image_extension=extension))
        elif line:
            self._add(Block("text", line))

    def end_list(self) -> None:
        """Close the running list, so that the next item begins another block."""
        if self._items:
            items, self._items = self._items, []
            self._append(Block("list", "\n".join(items)))

    @property
    def empty(self) -> bool:
        """Whether nothing was found so far."""
        return not self._blocks and not self._items

    def page(self, page_number: int, *, label: str | None = None) -> ReadPage:
        """Return what was found as page `page_number` and begin anew."""
        self.end_list()
        blocks, self._blocks, self._characters = tuple(self._blocks), [], 0
        return ReadPage(page_number, blocks, label=clean_line(label or "") or None)

    def _add(self, block: Block) -> None:
        self.end_list()
        self._count(len(block.text))
        self._append(block)

    def _append(self, block: Block) -> None:
        self._blocks.append(replace(block, closes=self._closes) if self._closes else block)
        self._closes = 0

    def _count(self, characters: int) -> None:
        self._characters += characters
        if self._characters > MAX_PAGE_CHARACTERS:
            raise TooLarge(
                f"the file holds more than {MAX_PAGE_CHARACTERS} characters of text on one page; "
                "split it into several files"
            )


def image_extension(image: bytes) -> str:
    """Return "png" or "jpg" when the bytes begin like one, else ""."""
    for extension, signature in _SIGNATURES.items():
        if image.startswith(signature):
            return extension
    return ""


def _trimmed(rows: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    rows = [row for row in rows if any(row)]
    if not rows:
        return ()
    width = max(max(i for i, cell in enumerate(row) if cell) + 1 for row in rows)
    first = min(next(i for i, cell in enumerate(row) if cell) for row in rows)
    return tuple(tuple((row + [""] * (width - len(row)))[first:width]) for row in rows)
