"""Pictures through OCR: text with places, the picture itself, bombs refused before decoding."""

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from functions.parse.blocks import ReadPage
from functions.parse.detect import reader_for
from lectern import tessdata
from lectern.errors import TooLarge, UnreadableDocument

needs_tesseract = pytest.mark.skipif(tessdata.installed() is None, reason="no Tesseract data here")


def pages_of(path: Path) -> list[ReadPage]:
    _, read = reader_for(path, path.name)
    return list(read(path, first_page=1, last_page=None))


def drawn(text: str) -> Image.Image:
    image = Image.new("L", (600, 160), 255)
    ImageDraw.Draw(image).text((30, 50), text, 0, ImageFont.load_default(48))
    return image


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@needs_tesseract
def test_a_picture_gives_its_text_in_place_and_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    drawn("Lectern reads").save(path)

    (page,) = pages_of(path)

    text, figure = page.blocks
    assert text.text == "Lectern reads"
    (line,) = text.lines
    assert text.text[line.start : line.end] == "Lectern reads"
    assert 0 < line.x0 < line.x1 <= page.width
    assert 0 < line.y0 < line.y1 <= page.height
    assert (figure.kind, figure.image) == ("figure", path.read_bytes())


@needs_tesseract
def test_every_page_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    path = tmp_path / "a.tiff"
    drawn("First").save(path, save_all=True, append_images=[drawn("Second")])

    pages = pages_of(path)

    assert [(page.page_number, page.blocks[0].text) for page in pages] == [
        (1, "First"),
        (2, "Second"),
    ]
    assert pages[0].blocks[-1].image_extension == "png"


@needs_tesseract
def test_a_blank_picture_has_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("L", (200, 200), 255).save(path)

    with pytest.raises(UnreadableDocument) as caught:
        pages_of(path)

    assert caught.value.code == "no_text"


@needs_tesseract
@pytest.mark.parametrize("side", [12_000, 60_000])
def test_a_decompression_bomb_is_refused_by_its_size(tmp_path: Path, side: int) -> None:
    path = tmp_path / "a.png"
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b""))

    with pytest.raises(TooLarge):
        pages_of(path)


@needs_tesseract
def test_a_broken_picture_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    drawn("Words").save(path)
    path.write_bytes(path.read_bytes()[:100])

    with pytest.raises(UnreadableDocument) as caught:
        pages_of(path)

    assert caught.value.code == "damaged"
