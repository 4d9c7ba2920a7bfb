"""What a library says about a broken file, as the error that a person can act on."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from functions.parse.blocks import Reader, ReadPage
from lectern.errors import UnreadableDocument

_FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    SyntaxError,  # lxml's parse errors
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the formats' libraries raise on broken input; none of them has one base error."""


def reporting_damage(
    reader: Reader, kind: str, path: Path, *, first_page: int = 1, last_page: int | None = None
) -> Iterator[ReadPage]:
    """Yield the pages of `reader`, its library's failures as `UnreadableDocument` (`damaged`).

    A whole file in which no page holds anything is an error too (`no_text`): people should hear
    that it will never be found. Page ranges may be blank.
    """
    empty = True
    try:
        for page in reader(path, first_page=first_page, last_page=last_page):
            empty = empty and not page.blocks
            yield page
    except _FAILURES as error:
        raise UnreadableDocument(
            f"the {kind} file is damaged ({type(error).__name__}: {str(error)[:200]}); open it in "
            "its own program, save it again and upload that, or upload a PDF of it",
            code="damaged",
        ) from error
    if empty and first_page == 1 and last_page is None:
        raise UnreadableDocument(
            f"there is no text in this {kind} file; upload one that holds some", code="no_text"
        )
