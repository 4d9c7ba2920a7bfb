"""The parsed part as an object: JSON lines under zstandard, pages first, then chunks."""

from collections.abc import Iterable
from dataclasses import dataclass

import zstandard

from lectern.documents import Chunk, Page
from lectern.errors import TooLarge, UnreadableDocument

_MAX_BYTES = 256 * 1024 * 1024
_PAGE = b'{"page":'
_CHUNK = b'{"chunk":'


@dataclass(frozen=True, slots=True)
class ParsedPart:
    """What parse hands on: the pages of a part and their chunks, both in reading order."""

    pages: tuple[Page, ...]
    chunks: tuple[Chunk, ...]


def encode_part(pages: Iterable[Page], chunks: Iterable[Chunk]) -> bytes:
    """Return the part as zstandard-compressed JSON lines; equal input gives equal bytes.

    Raises:
        TooLarge: It exceeds 256 MiB before compression, which `decode_part` would refuse.
    """
    rows = [f'{{"page":{page.model_dump_json(exclude_defaults=True)}}}\n' for page in pages]
    rows += [f'{{"chunk":{chunk.model_dump_json(exclude_defaults=True)}}}\n' for chunk in chunks]
    data = "".join(rows).encode()
    if len(data) > _MAX_BYTES:
        raise TooLarge(
            f"a part of the document is {len(data)} bytes of text, at most {_MAX_BYTES} are kept; "
            "split the document"
        )
    return zstandard.ZstdCompressor(level=3).compress(data)


def decode_part(data: bytes) -> ParsedPart:
    r"""Return the part that `encode_part` wrote.

    Rows end at "\n" only: texts may hold U+2028, on which `str.splitlines` would break.

    Raises:
        UnreadableDocument: The object is not a parsed part; reprocess the document.
    """
    pages: list[Page] = []
    chunks: list[Chunk] = []
    try:
        with zstandard.ZstdDecompressor().stream_reader(data) as reader:
            text = reader.read(_MAX_BYTES + 1)  # the size that a frame declares can be a lie
        if len(text) != zstandard.frame_content_size(data):
            raise ValueError("cut off, or larger than any part that is written")  # noqa: TRY301
        for row in text.split(b"\n"):
            if row.startswith(_PAGE):
                pages.append(Page.model_validate_json(row[len(_PAGE) : -1]))
            elif row:
                chunks.append(Chunk.model_validate_json(row[len(_CHUNK) : -1]))
    except (zstandard.ZstdError, ValueError) as error:
        raise UnreadableDocument(
            "the parsed part in the store is damaged; reprocess the document", code="damaged_part"
        ) from error
    return ParsedPart(tuple(pages), tuple(chunks))
