"""Pictures (PNG, JPEG, TIFF, WebP, GIF, BMP): what OCR reads in them, and the picture itself.

A TIFF may hold many pages; of an animation only the first frame is read. Sizes are checked before
a pixel is decoded.
"""

import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from functions.parse.blocks import Block, ReadPage
from functions.parse.ocr import OcrLine, OcrPage, needs_ocr, ocr_image
from functions.parse.readers.page_builder import MAX_FIGURE_BYTES
from lectern.documents import Box, Line
from lectern.errors import TooLarge, UnreadableDocument
from lectern.tessdata import installed

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 100_000_000
"""A page of A3 at 600 dpi has 70 million."""
MAX_FRAMES = 500
_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP")
_PARAGRAPH_GAP = 0.9  # of a line's height
_AS_IS = {"PNG": "png", "JPEG": "jpg"}
_ORIENTATION_TAG = 0x0112  # EXIF


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield a page per picture; a TIFF's pages within the range. See `Reader`."""
    if installed() is None:
        raise needs_ocr("the picture")
    found = False
    for number, figure, extension in frames(path, first_page, last_page):
        recognised = ocr_image(figure)
        found = found or bool(recognised.lines)
        yield _page(number, recognised, figure, extension)
    if not found:
        raise UnreadableDocument(
            "no text was found in the picture; upload a sharper or larger one, or its text",
            code="no_text",
        )


def frames(path: Path, first_page: int, last_page: int | None) -> Iterator[tuple[int, bytes, str]]:
    """Yield page number, bytes and extension of each frame, upright, as PNG or JPEG.

    Raises:
        UnreadableDocument: It is no picture (code `damaged`).
        TooLarge: It has more frames or pixels than are read.
    """
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata and on large pictures
        try:
            with Image.open(path, formats=_FORMATS) as image:
                count = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
                if count > MAX_FRAMES:
                    raise TooLarge(f"the TIFF has {count} pages, at most {MAX_FRAMES}; split it")
                for number in range(first_page, min(last_page or count, count) + 1):
                    image.seek(number - 1)
                    _refuse_bomb(image)
                    yield number, *_encoded(image, path)
        except Image.DecompressionBombError as error:
            raise TooLarge(
                f"the picture has more than {MAX_PIXELS // 1_000_000} million pixels; scale it down"
            ) from error
        except (UnidentifiedImageError, OSError) as error:
            raise UnreadableDocument(
                "the picture is damaged; save it anew as PNG or JPEG",
                code="damaged",
            ) from error


def _refuse_bomb(image: "Image") -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise TooLarge(
            f"the picture has {width} x {height} pixels, at most {MAX_PIXELS // 1_000_000} million "
            "are read; scale it down"
        )


def _encoded(image: "Image", path: Path) -> tuple[bytes, str]:
    from PIL import ImageOps

    kind = image.format or ""
    upright = image.getexif().get(_ORIENTATION_TAG, 1) == 1
    if kind in _AS_IS and upright and path.stat().st_size <= MAX_FIGURE_BYTES:
        image.load()
        return path.read_bytes(), _AS_IS[kind]
    turned = ImageOps.exif_transpose(image)
    buffer = io.BytesIO()
    dpi = image.info.get("dpi", (72, 72))
    turned.convert("L" if image.mode in {"1", "L"} else "RGB").save(buffer, "PNG", dpi=dpi)
    return buffer.getvalue(), "png"


def _page(number: int, recognised: OcrPage, figure: bytes, extension: str) -> ReadPage:
    blocks = [_paragraph(lines) for lines in _paragraphs(recognised.lines)]
    caption = recognised.lines[0].text if recognised.lines else ""
    whole = Box(0.0, 0.0, recognised.width, recognised.height)
    blocks.append(Block("figure", caption, box=whole, image=figure, image_extension=extension))
    return ReadPage(number, tuple(blocks), recognised.width, recognised.height)


def _paragraphs(lines: tuple[OcrLine, ...]) -> Iterator[list[OcrLine]]:
    """Yield runs of lines that follow each other closely."""
    run: list[OcrLine] = []
    for line in lines:
        if run:
            height = run[-1].box.y1 - run[-1].box.y0
            gap = line.box.y0 - run[-1].box.y1
            if not -height <= gap <= _PARAGRAPH_GAP * height:
                yield run
                run = []
        run.append(line)
    if run:
        yield run


def _paragraph(lines: list[OcrLine]) -> Block:
    text, placed = "", []
    for line in lines:
        start = len(text) + bool(text)
        text = f"{text}\n{line.text}" if text else line.text
        placed.append(Line(start, len(text), *line.box))
    box = Box(
        min(line.box.x0 for line in lines),
        min(line.box.y0 for line in lines),
        max(line.box.x1 for line in lines),
        max(line.box.y1 for line in lines),
    )
    return Block("text", text, lines=tuple(placed), box=box)
