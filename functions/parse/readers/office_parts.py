"""Parts of an Office Open XML package (ECMA-376) and the relationships between them.

Elements are told by local names, so transitional and strict documents are read alike.
"""

import posixpath
import zipfile
from typing import TYPE_CHECKING

from functions.parse.readers.packages import read_part
from functions.parse.readers.safe_xml import local_name, parse_xml
from lectern.errors import UnreadableDocument

if TYPE_CHECKING:
    from lxml import etree


class OfficeParts:
    """Reads the parts of a package by their relationships."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package

    def main(self) -> str:
        """Return the name of the main part.

        Raises:
            UnreadableDocument: The package names none.
        """
        for kind, target in self.relations("").values():
            if kind == "officeDocument":
                return target
        raise UnreadableDocument(
            "the Office file names no main part; open it in its program and save it again",
            code="damaged",
        )

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return id -> (kind, part name) of what `part` points to inside the package."""
        folder, name = posixpath.split(part)
        root = self.root(posixpath.join(folder, "_rels", f"{name}.rels"))
        return {
            relation.get("Id", ""): (
                relation.get("Type", "").rpartition("/")[2],
                _resolved(folder, relation.get("Target", "")),
            )
            for relation in (() if root is None else root)
            if relation.get("TargetMode") != "External"
        }

    def related(self, part: str, kind: str) -> "etree._Element | None":
        """Return the root of the first part of that kind that `part` points to."""
        for found, target in self.relations(part).values():
            if found == kind:
                return self.root(target)
        return None

    def root(self, part: str) -> "etree._Element | None":
        """Return a part's root element, or None when there is no such part."""
        data = self.data(part)
        return parse_xml(data) if data else None

    def data(self, part: str) -> bytes:
        """Return a part's bytes, b"" when there is no such part."""
        return read_part(self._package, part) or b""


def refuse_strict(parts: OfficeParts, program: str) -> None:
    """Refuse the strict variant of the format, which the library does not know.

    Raises:
        UnreadableDocument: It is strict (code `unsupported`), or damaged.
    """
    root = parts.root(parts.main())
    if root is not None and "purl.oclc.org/ooxml" in str(root.tag):
        raise UnreadableDocument(
            f"the file is a Strict Open XML document; save it in {program} in the ordinary format "
            "and upload that",
            code="unsupported",
        )


def attribute(element: "etree._Element | None", name: str) -> str | None:
    """Return an attribute by its local name, whatever its namespace."""
    if element is not None:
        for key, value in element.attrib.items():
            if str(key).rpartition("}")[2] == name:
                return str(value)
    return None


def child(element: "etree._Element | None", *path: str) -> "etree._Element | None":
    """Return the first descendant along a path of local names."""
    for name in path:
        if element is None:
            return None
        element = next((inner for inner in element if local_name(inner) == name), None)
    return element


def whole_number(value: str | None, default: int = 0) -> int:
    """Return an attribute as a number between -9,999 and 9,999, or `default`."""
    try:
        number = int(value or "")
    except ValueError:
        return default
    return min(max(number, -9999), 9999)


def _resolved(folder: str, target: str) -> str:
    joined = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
    return posixpath.normpath(joined)
