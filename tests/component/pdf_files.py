"""PDFs written by the tests themselves."""

from collections.abc import Callable
from pathlib import Path

from functions.parse.readers.pdf_engine import PdfPage, pymupdf

PROSE = (
    "The crawler collects pages from public archives and stores each of them under the digest of "
    "its content. A scheduler decides when a page is fetched again. It looks at how often the page "
    "changed before and at how many readers asked for it. "
)


def write_pdf(path: Path, *draw: Callable[[PdfPage], None], toc: list[list[object]] = []) -> Path:  # noqa: B006
    with pymupdf.open() as document:
        for each in draw:
            each(document.new_page(width=595, height=842))
        if toc:
            document.set_toc(toc)
        document.save(path)
    return path


def text(  # noqa: PLR0917
    page: PdfPage, x: float, y: float, words: str, size: float = 11, font: str = "helv"
) -> None:
    page.insert_text((x, y), words, fontsize=size, fontname=font)


def column(page: PdfPage, x0: float, x1: float, words: str, *, top: float = 120) -> None:
    left = page.insert_textbox(pymupdf.Rect(x0, top, x1, 800), words, fontsize=10)
    assert left >= 0, "the text does not fit"


def plain(words: str) -> Callable[[PdfPage], None]:
    return lambda page: column(page, 60, 535, words)


def grid(page: PdfPage, rows: list[list[str]], *, top: float = 200, left: float = 80) -> None:
    """Draw a ruled table with cells of 100 by 20 points."""
    width, height = len(rows[0]) * 100, len(rows) * 20
    for number in range(len(rows) + 1):
        y = top + number * 20
        page.draw_line((left, y), (left + width, y))
    for number in range(len(rows[0]) + 1):
        x = left + number * 100
        page.draw_line((x, top), (x, top + height))
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            text(page, left + c * 100 + 4, top + r * 20 + 14, cell, 9)


def picture(words: str = "", *, width: int = 800, height: int = 300) -> bytes:
    """Return a PNG with `words` in it."""
    with pymupdf.open() as document:
        page = document.new_page(width=width / 2, height=height / 2)
        page.draw_rect(page.rect, color=(0.9, 0.9, 0.9), fill=(0.9, 0.9, 0.9))
        if words:
            page.insert_text((20, 60), words, fontsize=24)
        return bytes(page.get_pixmap(matrix=pymupdf.Matrix(2, 2)).tobytes("png"))
