"""EPUB books: the chapters in reading order (OPF spine), each a page named by the contents."""

import posixpath
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from zipfile import ZipFile

from functions.parse.blocks import ReadPage
from functions.parse.readers.cleaning import clean_line
from functions.parse.readers.office_parts import attribute, child
from functions.parse.readers.packages import open_package, read_part
from functions.parse.readers.page_builder import PageBuilder
from functions.parse.readers.safe_xml import inner_text, parse_html, parse_xml
from functions.parse.readers.web_page import add_document, decode_html
from lectern.errors import UnreadableDocument

_FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_CHAPTER_TYPES = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml"}
_NCX = "application/x-dtbncx+xml"


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield a page per chapter that says something. See `Reader`."""
    del first_page, last_page
    with open_package(path, kind="EPUB") as package:
        _refuse_protected(package)
        package_file = _package_file(package)
        folder = posixpath.dirname(package_file)
        manifest, spine = _manifest_and_spine(package, package_file)
        titles = _titles(package, folder, manifest)
        number = 0
        for identifier in spine:
            name, media_type, _ = manifest.get(identifier, ("", "", ""))
            data = read_part(package, name)
            if media_type not in _CHAPTER_TYPES or not data:
                continue
            page = PageBuilder()
            _add_chapter(page, package, name, data, titles.get(name, ""))
            if not page.empty:
                number += 1
                yield page.page(number, label=titles.get(name))


def _add_chapter(page: PageBuilder, package: ZipFile, name: str, data: bytes, title: str) -> None:
    folder = posixpath.dirname(name)

    def picture(address: str) -> bytes:
        return read_part(package, _resolved(folder, address)) or b""

    add_document(page, decode_html(data), picture, title=title)


def _refuse_protected(package: ZipFile) -> None:
    """Refuse copy protection; fonts alone may be obfuscated.

    Raises:
        UnreadableDocument: Some content is encrypted (code `password_protected`).
    """
    data = read_part(package, "META-INF/encryption.xml")
    for element in parse_xml(data).iter("{*}EncryptedData") if data else ():
        method = attribute(child(element, "EncryptionMethod"), "Algorithm") or ""
        if method not in _FONT_OBFUSCATION:
            raise UnreadableDocument(
                "the book is copy-protected (DRM); upload a copy without protection",
                code="password_protected",
            )


def _package_file(package: ZipFile) -> str:
    container = read_part(package, "META-INF/container.xml")
    found = child(parse_xml(container) if container else None, "rootfiles", "rootfile")
    name = attribute(found, "full-path")
    if not name:
        raise UnreadableDocument(
            "the EPUB file names no package document; convert it again", code="damaged"
        )
    return unquote(name)


def _manifest_and_spine(
    package: ZipFile, package_file: str
) -> tuple[dict[str, tuple[str, str, str]], list[str]]:
    """Return id -> (name, media type, properties), and the ids in reading order."""
    data = read_part(package, package_file)
    root = parse_xml(data) if data else None
    folder = posixpath.dirname(package_file)
    items = child(root, "manifest")
    itemrefs = child(root, "spine")
    manifest = {
        attribute(item, "id") or "": (
            _resolved(folder, attribute(item, "href") or ""),
            attribute(item, "media-type") or "",
            attribute(item, "properties") or "",
        )
        for item in (items if items is not None else ())
    }
    return manifest, [
        attribute(ref, "idref") or "" for ref in (itemrefs if itemrefs is not None else ())
    ]


def _titles(
    package: ZipFile, folder: str, manifest: dict[str, tuple[str, str, str]]
) -> dict[str, str]:
    """Return chapter -> title from the navigation document (EPUB 3) or the NCX (EPUB 2)."""
    titles: dict[str, str] = {}
    for name, media_type, properties in manifest.values():
        data = read_part(package, name)
        base = posixpath.dirname(name) or folder
        if data and "nav" in properties.split():
            root = parse_html(decode_html(data))
            for link in root.iter("a") if root is not None else ():
                titles.setdefault(
                    _resolved(base, link.get("href", "")), clean_line(inner_text(link))
                )
        elif data and media_type == _NCX:
            for point in parse_xml(data).iter("{*}navPoint"):
                label = child(point, "navLabel", "text")
                source = attribute(child(point, "content"), "src") or ""
                if label is not None:
                    titles.setdefault(_resolved(base, source), clean_line(label.text or ""))
    return titles


def _resolved(folder: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(address.partition("#")[0])))
