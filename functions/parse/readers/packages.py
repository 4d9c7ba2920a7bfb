"""Zip containers that are documents (Office, OpenDocument, EPUB), opened only within limits."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lectern.errors import TooLarge, UnreadableDocument

MAX_MEMBERS = 20_000
MAX_TOTAL_BYTES = 1 << 30
MAX_XML_BYTES = 192 * 1024 * 1024
"""Markup in one package; as a tree it takes about eight times that in memory."""

_CHUNK_BYTES = 1 << 20
_MARKUP = (".xml", ".rels", ".vml", ".opf", ".ncx", ".xhtml", ".html", ".htm")
_ENTITY_MARKS = (b"<!ENTITY", "<!ENTITY".encode("utf-16-le"), "<!ENTITY".encode("utf-16-be"))


@contextmanager
def open_package(path: Path, *, kind: str) -> Iterator[zipfile.ZipFile]:
    """Open a document's container after unpacking it once, into nothing, to weigh it.

    Declared sizes can lie, so every byte is counted; markup that declares entities is refused,
    because documents never do and the expansion of entities has no bound.

    Raises:
        UnreadableDocument: Damaged or encrypted.
        TooLarge: It unpacks to more than the limits, or declares entities.
    """
    try:
        with zipfile.ZipFile(path) as package:
            _weigh(package, kind)
            yield package
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise UnreadableDocument(
            f"the {kind} file is damaged ({error}); open it in its program and save it again",
            code="damaged",
        ) from error


def read_part(package: zipfile.ZipFile, name: str) -> bytes | None:
    """Return a part of the package, or None when there is none of that name."""
    try:
        return package.read(name)
    except KeyError:
        return None


def _weigh(package: zipfile.ZipFile, kind: str) -> None:
    members = package.infolist()
    if len(members) > MAX_MEMBERS:
        raise TooLarge(
            f"the {kind} file holds {len(members)} parts, at most {MAX_MEMBERS} are read"
        )
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableDocument(
            f"the {kind} file is encrypted; remove its password and upload it again",
            code="password_protected",
        )
    total = markup = 0
    for member in members:
        is_markup = member.filename.lower().endswith(_MARKUP)
        for size in _sizes(package, member, look_for_entities=is_markup, kind=kind):
            total += size
            markup += size if is_markup else 0
            if total > MAX_TOTAL_BYTES or markup > MAX_XML_BYTES:
                raise TooLarge(
                    f"the {kind} file unpacks to more than {MAX_TOTAL_BYTES >> 20} MiB, or "
                    f"{MAX_XML_BYTES >> 20} MiB of markup; split it into several files"
                )


def _sizes(
    package: zipfile.ZipFile, member: zipfile.ZipInfo, *, look_for_entities: bool, kind: str
) -> Iterator[int]:
    tail = b""
    with package.open(member) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield len(chunk)
            if look_for_entities:
                window = tail + chunk
                if any(mark in window for mark in _ENTITY_MARKS):
                    raise TooLarge(
                        f"the {kind} file declares XML entities in {member.filename!r}, which can "
                        "expand without bound; save it again with its own program"
                    )
                tail = window[-16:]
