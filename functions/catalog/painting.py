"""Painting a page of a PDF. Runs in the sandbox only: the document is hostile."""

from pathlib import Path

from lectern.errors import NotFound, UnreadableDocument

_MAX_HEIGHT = 8000  # pixels; a page may be a hundred times as high as wide


def paint(source: str, page_number: int, width: int, target: str) -> None:
    """Write page `page_number` (1-based) of the PDF at `source`, `width` pixels wide, as PNG.

    Raises:
        NotFound: There is no such page.
        UnreadableDocument: It is damaged or encrypted.
    """
    from functions.catalog.pdf_engine import pymupdf

    try:
        document = pymupdf.open(source, filetype="pdf")
    except (RuntimeError, ValueError) as error:
        raise UnreadableDocument("the PDF is damaged; export it again") from error
    if document.needs_pass:
        raise UnreadableDocument(
            "the PDF is protected by a password; upload it without", code="password_protected"
        )
    if not 1 <= page_number <= document.page_count:
        raise NotFound(f"there is no page {page_number}; the last one is {document.page_count}")
    try:
        page = document[page_number - 1]
        scale = min(width / max(page.rect.width, 1), _MAX_HEIGHT / max(page.rect.height, 1))
        picture = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False)
        Path(target).write_bytes(picture.tobytes("png"))
    except (RuntimeError, ValueError) as error:
        raise UnreadableDocument(f"page {page_number} of the PDF is damaged") from error
