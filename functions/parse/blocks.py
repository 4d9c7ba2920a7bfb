"""What a reader finds on a page, before it is cut into chunks."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from lectern.documents import Box, Line

BlockKind = Literal["heading", "text", "list", "code", "table", "figure"]


@dataclass(frozen=True, slots=True)
class Block:
    """A layout element in reading order.

    `text` is what is searched: for a table its caption or "" (the rows make the text), for a
    figure its caption or what OCR read in it. `lines` place runs of `text` on the page (empty
    without geometry). `rows` of a table have equal length, the header first when `has_header`.
    `row_boxes` places each row. `image` holds a figure's bytes in a format named by
    `image_extension`. `closes` is the outermost level of the headings before it that stand above
    it no longer, 0 when all still do.
    """

    kind: BlockKind
    text: str
    level: int = 0
    lines: tuple[Line, ...] = ()
    box: Box | None = None
    rows: tuple[tuple[str, ...], ...] = ()
    has_header: bool = True
    row_boxes: tuple[Box, ...] = ()
    image: bytes = b""
    image_extension: str = ""
    closes: int = 0


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as a reader saw it; width and height in points, 0 without geometry."""

    page_number: int
    blocks: tuple[Block, ...]
    width: float = 0.0
    height: float = 0.0
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a batch (zip, e-mail): it becomes a document of its own.

    `path` is its name there, made safe. When `problem` says why it could not be unpacked (a
    sentence a person can act on), there is nothing at `file`; the other members are unaffected.
    """

    path: str
    file: Path
    problem: str = ""


class Reader(Protocol):
    """Reads one file format. Runs in a child process with limits; its input is hostile.

    Raises:
        UnreadableDocument: Damaged, encrypted (code `password_protected`), needing OCR that is
            not installed (code `needs_ocr`), or unsupported (code `unsupported`); the detail says
            what a person can do.
        TooLarge: It exceeds a limit.
    """

    def __call__(self, path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
        """Yield the pages `first_page` to `last_page` (1-based, inclusive; None: to the end).

        Formats without pages ignore the range and number their own units: a slide, a sheet and a
        chapter are pages; a docx or html file is page 1 (or as many as it marks itself).
        """
        ...
