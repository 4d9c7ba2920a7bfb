"""JSON lines: a record a line, each as readable text of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

from functions.parse.blocks import ReadPage
from functions.parse.readers.decoding import decode, read_limited
from functions.parse.readers.json_text import add_value
from functions.parse.readers.page_builder import PageBuilder
from lectern.errors import TooLarge, UnreadableDocument


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    r"""Yield one page. Lines end at "\n" only: strings may hold U+2028. See `Reader`."""
    del first_page, last_page
    page = PageBuilder()
    for number, line in enumerate(decode(read_limited(path)).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except RecursionError as error:
            raise TooLarge(f"line {number} nests too deeply to be read; flatten it") from error
        except ValueError as error:
            raise UnreadableDocument(
                f"line {number} is not valid JSON ({error}); correct it, or upload it as .txt",
                code="damaged",
            ) from error
        page.end_list()
        page.leave(1)
        add_value(page, value)
    yield page.page(1)
