"""What a service is sent: never more than the pages that are asked about, never encrypted."""

from pathlib import Path

from functions.parse.readers.image import frames
from functions.parse.readers.pdf_document import open_pdf
from functions.parse.readers.pdf_engine import pymupdf

_LONGEST_SIDE = 1191.0  # points of A3; services refuse posters, and coordinates are scaled back


def write_pages(path: Path, into: Path, first_page: int, last_page: int) -> bool:
    """Write these pages of a PDF as one of their own; return False when the file itself will do.

    Raises:
        UnreadableDocument: See `open_pdf`.
    """
    with open_pdf(path) as document:
        last = min(last_page, document.page_count)
        whole = first_page == 1 and last == document.page_count
        if whole and not document.is_encrypted and not document.metadata.get("encryption"):
            return False
        with pymupdf.open() as part:
            part.insert_pdf(document, from_page=first_page - 1, to_page=last - 1, links=False)
            part.ez_save(into)
    return True


def write_picture(path: Path, into: Path) -> None:
    """Write a picture as a PDF with a page for each of its frames, upright.

    Raises:
        UnreadableDocument: It is no picture (code `damaged`).
        TooLarge: It has more frames or pixels than are read.
    """
    with pymupdf.open() as document:
        for _, image, _ in frames(path, 1, None):
            with pymupdf.open(stream=image) as picture:
                width, height = picture[0].rect.width, picture[0].rect.height
            shrink = min(1.0, _LONGEST_SIDE / max(width, height, 1.0))
            page = document.new_page(width=width * shrink, height=height * shrink)
            page.insert_image(page.rect, stream=image)
        document.save(into)
