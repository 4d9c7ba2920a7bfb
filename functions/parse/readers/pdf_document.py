"""Opening a PDF, and what has to be known of it before its pages are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from functions.parse.readers.pdf_content import LAYER_SHARE, STAMP_CHARACTERS
from functions.parse.readers.pdf_engine import Document, PdfPage, pymupdf
from functions.parse.readers.pdf_headings import OutlineEntry, outline_of
from lectern.errors import UnreadableDocument
from lectern.tessdata import installed

_SAMPLE = 8  # pages looked at, spread over the document, for scans among them


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """How many pages there are, and whether some are pictures that OCR has to read, slowly."""

    pages: int
    scanned: bool


@contextmanager
def open_pdf(path: Path) -> Iterator[Document]:
    """Give the open document.

    Raises:
        UnreadableDocument: It is encrypted (code `password_protected`), damaged (`damaged`) or has
            no pages (`empty`).
    """
    try:
        with pymupdf.open(path, filetype="pdf") as document:
            _refuse_unusable(document)
            yield document
    except (RuntimeError, pymupdf.mupdf.FzErrorBase) as error:  # its only kinds of failure
        raise _damaged() from error


def _refuse_unusable(document: Document) -> None:
    if document.needs_pass:
        raise UnreadableDocument(
            "the PDF is protected by a password; remove the password and upload it again",
            code="password_protected",
        )
    if document.page_count == 0:
        if document.is_repaired:
            raise _damaged()
        raise UnreadableDocument("the PDF has no pages; upload another file", code="empty")


def inspect(path: Path) -> PdfFacts:
    """Return the facts from a few pages. Raises like `open_pdf`."""
    with open_pdf(path) as document:
        count = document.page_count
        sample = sorted({number * count // _SAMPLE for number in range(_SAMPLE)})
        scanned = any(_is_picture(document[number]) for number in sample)
        return PdfFacts(count, scanned and installed() is not None)


def _is_picture(page: PdfPage) -> bool:
    if not page.get_images():
        return False
    letters = len(page.get_text().strip())
    return not letters or (letters <= STAMP_CHARACTERS and _image_share(page) > LAYER_SHARE)


def _image_share(page: PdfPage) -> float:
    shown = [pymupdf.Rect(info["bbox"]) & page.rect for info in page.get_image_info()]
    return max((float(abs(box)) for box in shown), default=0.0) / float(abs(page.rect))


def outline_entries(document: Document) -> list[OutlineEntry]:
    """Return the document's own table of contents, empty when it has none or a broken one."""
    try:
        return outline_of(document.get_toc())
    except (ValueError, RuntimeError, IndexError, pymupdf.mupdf.FzErrorBase):
        return []


def _damaged() -> UnreadableDocument:
    return UnreadableDocument(
        "the file is damaged and is no readable PDF; export it again from its own program and "
        "upload that",
        code="damaged",
    )
