"""Text in pictures, read by Tesseract's engine inside MuPDF; its language data must be installed.

No program is started and no environment variable is needed: the data is looked for where systems
install it (Debian: `tesseract-ocr` and `tesseract-ocr-<language>`).
"""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from functions.parse.readers.cleaning import clean_line
from functions.parse.readers.pdf_engine import PdfPage, pymupdf
from lectern.documents import Box
from lectern.errors import UnreadableDocument

_PLACES = (
    "/usr/share/tesseract-ocr/*/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
_NOT_LANGUAGES = frozenset({"osd", "equ"})
_DPI = 200
_MAX_PIXELS = 4_000  # of a side, so that a poster does not take minutes
_MAX_LANGUAGES = 4  # each makes recognition slower


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A recognised line; its box in points of the page, origin at the top left."""

    text: str
    box: Box
    size: float


@dataclass(frozen=True, slots=True)
class OcrPage:
    """A picture that was read: its size in points (pixels at its resolution) and its lines."""

    width: float
    height: float
    lines: tuple[OcrLine, ...]


@cache
def installed() -> tuple[str, str] | None:
    """Return folder and languages (`eng+kor`) of the installed data, or None without any."""
    folders = [Path(os.environ["TESSDATA_PREFIX"])] if os.environ.get("TESSDATA_PREFIX") else []
    folders += [match for place in _PLACES for match in sorted(Path("/").glob(place[1:]))]
    for folder in folders:
        found = sorted(file.stem for file in folder.glob("*.traineddata"))
        languages = [name for name in found if name not in _NOT_LANGUAGES]
        languages.sort(key=lambda name: name != "eng")
        if languages:
            return str(folder), "+".join(languages[:_MAX_LANGUAGES])
    return None


def needs_ocr(what: str) -> UnreadableDocument:
    """Return the error for `what` ("the PDF", "the picture") when OCR is not installed."""
    return UnreadableDocument(
        f"{what} holds pictures of text and no text; install OCR (Debian: tesseract-ocr and "
        "tesseract-ocr-<language>) and reprocess it, or upload it with a text layer",
        code="needs_ocr",
    )


def ocr_page(page: PdfPage) -> tuple[OcrLine, ...]:
    """Return the lines recognised on a page, in the engine's reading order.

    Raises:
        UnreadableDocument: No language data is installed (code `needs_ocr`).
    """
    data = installed()
    if data is None:
        raise needs_ocr("the page")
    folder, language = data
    longest = max(page.rect.width, page.rect.height, 1) / 72
    text = page.get_textpage_ocr(
        language=language,
        dpi=max(36, min(_DPI, int(_MAX_PIXELS / longest))),
        full=True,
        tessdata=folder,
    )
    blocks = page.get_text("dict", textpage=text)["blocks"]
    found = []
    for line in (line for block in blocks for line in block.get("lines", ())):
        if content := clean_line("".join(span["text"] for span in line["spans"])):
            size = max(span["size"] for span in line["spans"])
            found.append(OcrLine(content, Box(*(round(v, 2) for v in line["bbox"])), size))
    return tuple(found)


def ocr_image(image: bytes | Path) -> OcrPage:
    """Return what is written in a picture (any format MuPDF opens).

    Raises:
        UnreadableDocument: It is no picture (`damaged`), or no language data is installed
            (`needs_ocr`).
    """
    try:
        source = {"stream": image} if isinstance(image, bytes) else {"filename": str(image)}
        with (
            pymupdf.open(**source) as document,
            pymupdf.open("pdf", document.convert_to_pdf()) as pages,
        ):
            page = pages[0]
            return OcrPage(page.rect.width, page.rect.height, ocr_page(page))
    except (pymupdf.FileDataError, pymupdf.mupdf.FzErrorBase, ValueError) as error:
        raise UnreadableDocument(
            "the picture is damaged; save it anew and upload that", code="damaged"
        ) from error
