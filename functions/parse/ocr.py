"""Text in pictures, read by Tesseract's engine inside MuPDF; its language data must be installed.

See `lectern.tessdata` for where it is looked for. No program is started.
"""

import re
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from functions.parse.ocr_languages import languages_among
from functions.parse.readers.cleaning import clean_line
from functions.parse.readers.pdf_engine import PdfPage, pymupdf
from lectern.documents import Box
from lectern.errors import UnreadableDocument
from lectern.tessdata import installed

_DPI = 200
_MAX_PIXELS = 4_000  # of a side, so that a poster does not take minutes
_LEGIBLE = 0.55  # of its signs in words or numbers: less is a sheet that lies on its side
_RETRY_SHARE = 0.4  # of the CPU limit, after which no other way round is tried
_WORDS = re.compile(r"[^\W\d_]{4,}|[\u3040-\u9fff\uac00-\ud7a3]{2,}|\d{2,}")
_WELL_FORMED = re.compile(r"\b(?:[^\W\d_][^\W\d_A-Z]{2,}|[\u3040-\u9fff\uac00-\ud7a3]{2,})\b")


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A recognised line; its box in points of the page, origin at the top left.

    `direction` is where the text runs to: (1, 0) to the right, (0, 1) down.
    """

    text: str
    box: Box
    size: float
    direction: tuple[int, int] = (1, 0)


@dataclass(frozen=True, slots=True)
class OcrPage:
    """A picture that was read: its size in points (pixels at its resolution) and its lines."""

    width: float
    height: float
    lines: tuple[OcrLine, ...]


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
    folder, language = data.folder, "+".join(languages_among(data.languages))
    upright = _recognise(page, folder, language)
    if not upright or is_legible(upright):
        return upright
    attempts = [upright]
    try:
        for rotation in (90, 270, 180):  # a sheet that lay askew in the scanner
            if _cpu_share() > _RETRY_SHARE:
                break
            page.set_rotation(rotation)
            attempts.append(_recognise(page, folder, language))
    finally:
        page.set_rotation(0)
    return max(attempts, key=_letters_in_words)


def _recognise(page: PdfPage, folder: str, language: str) -> tuple[OcrLine, ...]:
    longest = max(page.rect.width, page.rect.height, 1) / 72
    text = page.get_textpage_ocr(
        language=language,
        dpi=max(36, min(_DPI, int(_MAX_PIXELS / longest))),
        full=True,
        tessdata=folder,
    )
    blocks = page.get_text("dict", textpage=text)["blocks"]  # as if the page was not turned
    found = []
    for line in (line for block in blocks for line in block.get("lines", ())):
        if content := clean_line("".join(span["text"] for span in line["spans"])):
            size = max(span["size"] for span in line["spans"])
            box = Box(*(round(v, 2) for v in line["bbox"]))
            found.append(OcrLine(content, box, size, _quarter(*line["dir"])))
    return tuple(found)


def _cpu_share() -> float:
    """Return how much of its CPU limit this process has used, 0 without a limit."""
    limit = resource.getrlimit(resource.RLIMIT_CPU)[0]
    return 0.0 if limit == resource.RLIM_INFINITY else time.process_time() / limit


def _quarter(x: float, y: float) -> tuple[int, int]:
    return (round(x), 0) if abs(x) >= abs(y) else (0, round(y))


def is_legible(lines: Sequence[OcrLine]) -> bool:
    """Whether what was recognised looks like words and numbers, and not like a picture's noise."""
    text = " ".join(line.text for line in lines)
    signs = sum(not character.isspace() for character in text)
    return sum(len(word) for word in _WORDS.findall(text)) >= _LEGIBLE * signs > 0


def _letters_in_words(lines: tuple[OcrLine, ...]) -> int:
    """Return the letters in well-formed words; upside down, a page has others, but few of these."""
    return sum(len(word) for line in lines for word in _WELL_FORMED.findall(line.text))


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
