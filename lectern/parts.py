"""The parsed part as an object: JSON lines under zstandard, pages first, then chunks."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import zstandard

from lectern.documents import Chunk, Page
from lectern.errors import UnreadableDocument

_MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ParsedPart:
    """What parse hands on: the pages of a part and their chunks, both in reading order."""

    pages: tuple[Page, ...]
    chunks: tuple[Chunk, ...]


def encode_part(pages: Iterable[Page], chunks: Iterable[Chunk]) -> bytes:
    """Return the part as zstandard-compressed JSON lines; equal input gives equal bytes."""
    rows = [f'{{"page":{page.model_dump_json(exclude_defaults=True)}}}\n' for page in pages]
    rows += [f'{{"chunk":{chunk.model_dump_json(exclude_defaults=True)}}}\n' for chunk in chunks]
    return zstandard.ZstdCompressor(level=3).compress("".join(rows).encode())


def decode_part(data: bytes) -> ParsedPart:
    r"""Return the part that `encode_part` wrote.

    Rows end at "\n" only: texts may hold U+2028, on which `str.splitlines` would break.

    Raises:
        UnreadableDocument: The object is not a parsed part; reprocess the document.
    """
    pages: list[Page] = []
    chunks: list[Chunk] = []
    try:
        text = zstandard.ZstdDecompressor().decompress(data, max_output_size=_MAX_BYTES)
        for row in text.split(b"\n"):
            if row.startswith(b'{"page":'):
                pages.append(Page.model_validate_json(row[8:-1]))
            elif row:
                chunks.append(Chunk.model_validate(json.loads(row)["chunk"]))
    except (zstandard.ZstdError, ValueError, KeyError) as error:
        raise UnreadableDocument(
            "the parsed part in the store is damaged; reprocess the document", code="damaged_part"
        ) from error
    return ParsedPart(tuple(pages), tuple(chunks))
