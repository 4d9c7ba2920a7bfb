"""Which format a file is, by its content first, then its name, then its declared type."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from functions.parse.blocks import Member, Reader
from functions.parse.readers.damage import reporting_damage
from functions.parse.signatures import refuse_or_recognise
from functions.parse.text_formats import text_format
from lectern.errors import UnreadableDocument
from lectern.parsers import Parser

if TYPE_CHECKING:
    from functions.parse.readers.replies.reading import Answer


class Format(StrEnum):
    """What Lectern reads; the value is the name people see."""

    PDF = "pdf"
    DOCX = "docx"
    PPTX = "pptx"
    XLSX = "xlsx"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"
    EPUB = "epub"
    HTML = "html"
    MHTML = "mhtml"
    XML = "xml"
    MARKDOWN = "markdown"
    TEXT = "text"
    CODE = "code"
    CSV = "csv"
    JSON = "json"
    JSON_LINES = "jsonl"
    NOTEBOOK = "notebook"
    RTF = "rtf"
    EMAIL = "email"
    IMAGE = "image"
    ZIP = "zip"


class MembersReader(Protocol):
    """Unpacks the files inside a file, each to become a document of its own."""

    def __call__(self, path: Path, folder: Path) -> Iterator[Member]:
        """Extract into `folder` under generated names, yielding each file as it is written.

        Raises:
            UnreadableDocument: Damaged or encrypted as a whole.
            TooLarge: It exceeds a limit as a whole.
        """
        ...


_READERS = {
    Format.PDF: "pdf",
    Format.DOCX: "docx",
    Format.PPTX: "pptx",
    Format.XLSX: "xlsx",
    Format.ODT: "odt",
    Format.ODS: "ods",
    Format.ODP: "odp",
    Format.EPUB: "epub",
    Format.HTML: "web_page",
    Format.MHTML: "mhtml",
    Format.XML: "xml_text",
    Format.MARKDOWN: "markdown",
    Format.TEXT: "plain_text",
    Format.CODE: "source_code",
    Format.CSV: "delimited",
    Format.JSON: "json_text",
    Format.JSON_LINES: "json_lines",
    Format.NOTEBOOK: "notebook",
    Format.RTF: "rtf",
    Format.EMAIL: "mail",
    Format.IMAGE: "image",
    Format.ZIP: "batch",
}
PARSERS: Mapping[Parser, Mapping[Format, str]] = {
    "builtin": _READERS,
    "docling": {Format.PDF: "replies.docling", Format.IMAGE: "replies.docling"},
    "azure": {Format.PDF: "replies.azure", Format.IMAGE: "replies.azure"},
}
"""The parsers a collection can choose: each names its readers, for the formats it reads itself.

One that reads only some formats leaves the others to Lectern's own. Services read what is laid out
on pages; office files, web pages and text say themselves what is a heading and what a table.
"""
_WITH_MEMBERS = frozenset({Format.ZIP, Format.EMAIL})
_HEAD_BYTES = 64 * 1024


def detect(path: Path, name: str, content_type: str = "") -> Format:
    """Return the format of the file at `path`.

    Args:
        path: The file itself.
        name: The name it was uploaded under; decides among formats that are all text.
        content_type: What the sender said it is; decides when content and name do not.

    Raises:
        UnreadableDocument: Empty (code `empty`), encrypted (`password_protected`), or nothing
            Lectern reads (`unsupported`); the detail says what to upload instead.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.strip(b"\0 \t\r\n"):
        raise UnreadableDocument(
            f"{name!r} is empty; upload it again if it should not be", code="empty"
        )
    found = refuse_or_recognise(path, head, name) or text_format(head, name, content_type)
    return Format(found)


def reader_for(
    path: Path,
    name: str,
    content_type: str = "",
    *,
    parser: Parser = "builtin",
    answer: "Answer | None" = None,
) -> tuple[str, Reader]:
    """Return the format's name and the parser's reader of the file; its libraries load only now.

    Errors of the format's library come out of the reader as `UnreadableDocument`. A parser that is
    a service has said `answer` of the file; without it Lectern's own reader is returned.

    Raises:
        UnreadableDocument: See `detect`.
    """
    found = detect(path, name, content_type)
    own = answer is None or found not in PARSERS[parser]
    reader = _READERS[found] if own else PARSERS[parser][found]
    read = import_module(f"functions.parse.readers.{reader}").read
    if not own:
        read = partial(read, answer=answer)
    return found.value, partial(reporting_damage, read, found.value)


def members_reader_for(path: Path, name: str, content_type: str = "") -> MembersReader | None:
    """Return how to unpack the file when others are inside it (zip, e-mail), else None.

    Raises:
        UnreadableDocument: See `detect`.
    """
    found = detect(path, name, content_type)
    if found not in _WITH_MEMBERS:
        return None
    reader: MembersReader = import_module(f"functions.parse.readers.{_READERS[found]}").read_members
    return reader
