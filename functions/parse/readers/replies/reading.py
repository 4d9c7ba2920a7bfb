"""What every reply's reader does: the document opened, the reply bounded, its pages in order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from functions.parse.blocks import Block, ReadPage
from functions.parse.readers.image import frames
from functions.parse.readers.pdf_document import open_pdf
from functions.parse.readers.pdf_engine import Document
from functions.parse.readers.replies.sheets import Sheets
from lectern.documents import Box
from lectern.errors import UnreadableDocument


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said of a document.

    `reply` is the file with its answer. A picture was sent as a PDF with a page for each frame:
    `pages` is that file, None for a PDF.
    """

    reply: Path
    pages: Path | None = None


def read_reply(
    fill: Callable[[bytes, Sheets], None],
    path: Path,
    *,
    first_page: int,
    last_page: int | None,
    answer: Answer,
) -> Iterator[ReadPage]:
    """Yield the pages that were sent, filled from the reply. See `Reader`.

    Args:
        fill: Puts what the bytes of the reply say on the sheets. May raise `ValidationError`.
        path: The document.
        first_page: Number of the reply's first page in the document.
        last_page: The last page that was sent; None: that of the document.
        answer: What the service said.

    Raises:
        UnreadableDocument: The reply is not what the service's API promises (code
            `parser_malformed`).
    """
    with open_pdf(answer.pages or path) as document:
        last = min(last_page or document.page_count, document.page_count)
        sheets = Sheets(document, first_page, last)
        try:
            fill(answer.reply.read_bytes(), sheets)
        except (ValidationError, RecursionError) as error:
            raise malformed() from error
        pictures = frames(path, 1, None) if answer.pages else iter(())
        labels = not answer.pages and bool(document.get_page_labels())
        for sheet in sheets:
            page = sheet.read_page(_label(document, sheet.number) if labels else None)
            picture = next(pictures, None)
            yield page if picture is None else _with_picture(page, *picture[1:])


def malformed() -> UnreadableDocument:
    """Return the error of a reply that is not what the service's API promises."""
    return UnreadableDocument(
        "the parser's service gave an answer that its API does not know; check its version, or "
        "choose another parser for the collection and reprocess the document",
        code="parser_malformed",
    )


def _label(document: Document, number: int) -> str | None:
    label = str(document[number - 1].get_label())[:32]
    return label if label and label != str(number) else None


def _with_picture(page: ReadPage, image: bytes, extension: str) -> ReadPage:
    """Return the page of a picture with the picture itself as its figure, under its first words."""
    texts = tuple(block for block in page.blocks if block.kind != "figure" or block.text)
    caption = next((block.text.split("\n")[0] for block in texts if block.text), "")
    whole = Box(0.0, 0.0, page.width, page.height)
    figure = Block("figure", caption, box=whole, image=image, image_extension=extension)
    return replace(page, blocks=(*texts, figure))
