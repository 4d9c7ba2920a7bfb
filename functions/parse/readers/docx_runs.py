"""A Word paragraph's text with what hangs on it: pictures, text boxes, notes, page breaks."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.parse.readers.office_parts import attribute, child
from functions.parse.readers.safe_xml import local_name

if TYPE_CHECKING:
    from lxml import etree

_UNREAD = frozenset({
    "pPr", "rPr", "del", "moveFrom", "instrText", "delText", "sdtPr", "sdtEndPr",
    "Fallback", "rt", "commentReference", "annotationRef", "tblPr", "tblGrid", "ctrlPr",
    "naryPr", "fPr", "radPr", "dPr",
})  # fmt: skip


@dataclass(slots=True)
class Runs:
    """What a paragraph holds, in order within each kind.

    `broken_at_start` and `broken_later` say whether a page ends before its first text or after.
    """

    text: str = ""
    images: list[tuple[str, str]] = field(default_factory=list)  # relationship id, alt text
    boxes: "list[etree._Element]" = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)  # "footnote" or "endnote", id
    broken_at_start: bool = False
    broken_later: bool = False


def read_runs(paragraph: "etree._Element", *, rendered_breaks: bool) -> Runs:
    """Return what `paragraph` holds.

    Args:
        paragraph: A `w:p` element.
        rendered_breaks: Whether the file says where Word broke pages; then only that counts,
            because it marks explicit breaks too.
    """
    reader = _RunReader(rendered_breaks=rendered_breaks)
    if not rendered_breaks and child(paragraph, "pPr", "pageBreakBefore") is not None:
        reader.runs.broken_at_start = True
    reader.children(paragraph)
    reader.runs.text = "".join(reader.parts)
    return reader.runs


class _RunReader:
    def __init__(self, *, rendered_breaks: bool) -> None:
        self.runs = Runs()
        self.parts: list[str] = []
        self._rendered = rendered_breaks

    def children(self, element: "etree._Element") -> None:
        for inner in element:
            self._read(inner)

    def _read(self, element: "etree._Element") -> None:  # noqa: C901 - a case per element
        name = local_name(element)
        match name:
            case "t":
                self.parts.append(element.text or "")
            case "tab" | "ptab":
                self.parts.append("\t")
            case "br" | "cr":
                self._break(element)
            case "lastRenderedPageBreak":
                self._page_break()
            case "noBreakHyphen":
                self.parts.append("-")
            case "footnoteReference" | "endnoteReference":
                kind = name.removesuffix("Reference")
                identifier = attribute(element, "id") or ""
                self.runs.notes.append((kind, identifier))
                self.parts.append(f"[{identifier}]")
            case "txbxContent":
                self.runs.boxes.append(element)
            case "drawing" | "pict" | "object":
                self._drawing(element)
            case "r" if _is_hidden(element):
                pass
            case "f" | "sSup" | "sSub" | "rad" | "nary" | "d":
                self._formula(element, name)
            case _ if name and name not in _UNREAD:
                self.children(element)

    def _drawing(self, element: "etree._Element") -> None:
        """Note the pictures and text boxes of a drawing (DrawingML or VML)."""
        alt = ""
        for inner in element.iter():
            match local_name(inner):
                case "docPr":
                    alt = attribute(inner, "descr") or attribute(inner, "title") or ""
                case "blip":
                    self.runs.images.append((attribute(inner, "embed") or "", alt))
                case "imagedata":
                    self.runs.images.append(
                        (attribute(inner, "id") or "", attribute(inner, "title") or alt)
                    )
                case "txbxContent" if not _inside_box(inner, element):
                    self.runs.boxes.append(inner)

    def _break(self, element: "etree._Element") -> None:
        if attribute(element, "type") == "page":
            if not self._rendered:
                self._page_break()
        else:
            self.parts.append("\n")

    def _page_break(self) -> None:
        if "".join(self.parts).strip():
            self.runs.broken_later = True
        else:
            self.runs.broken_at_start = True

    def _formula(self, element: "etree._Element", name: str) -> None:
        """Write fractions, powers, indices, roots, sums and brackets of Office Math on one line."""
        shapes = {
            "f": ("(", "num", ")/(", "den", ")"),
            "sSup": ("", "e", "^(", "sup", ")"),
            "sSub": ("", "e", "_(", "sub", ")"),
            "rad": ("√(", "e", ")"),
            "nary": (_mark(element, "naryPr", "chr", "∫"), "_(", "sub", ")^(", "sup", ") ", "e"),
            "d": (_mark(element, "dPr", "begChr", "("), "e", _mark(element, "dPr", "endChr", ")")),
        }
        for piece in shapes[name]:
            if not piece.isalpha():
                self.parts.append(piece)
            for part in element:
                if local_name(part) == piece:
                    self.children(part)


def _is_hidden(run: "etree._Element") -> bool:
    vanish = child(run, "rPr", "vanish")
    return vanish is not None and attribute(vanish, "val") not in {"0", "false"}


def _mark(element: "etree._Element", properties: str, name: str, default: str) -> str:
    value = attribute(child(element, properties, name), "val")
    return default if value is None else value


def _inside_box(element: "etree._Element", top: "etree._Element") -> bool:
    """Whether `element` lies in another text box, or in the copy kept for old programs."""
    for ancestor in element.iterancestors():
        if ancestor is top:
            return False
        if local_name(ancestor) in {"txbxContent", "Fallback"}:
            return True
    return False
