"""A mind map as a file: Markdown for reading on, SVG for showing."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lectern.api import MindMapNode

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$&]|^[#+=-]|(?<=:)/|(?<=www)\.")
_NUMBERED = re.compile(r"^(\d+)([.)])")
_ROW, _COLUMN = 34, 300  # pixels
_WIDEST_TEXT, _NARROW_PX, _WIDE_PX = 236.0, 7.2, 13.2  # of a line, a letter, an ideograph
_BOX_HEIGHT = 24
_COLOURS = ("#3b5bdb", "#0b7285", "#2b8a3e", "#a61e4d", "#e67700", "#5f3dc4")


def as_markdown(root: MindMapNode) -> str:
    """Return the map as a heading and a nested list, each branch with the pages it rests on."""
    lines = [f"# {_literal(root.title)}", "", *_items(root, 0, named=len(_documents(root)) > 1)]
    return "\n".join(lines) + "\n"


def as_svg(root: MindMapNode) -> str:
    """Return the map as a drawing that needs nothing else: no script, font, style sheet or link.

    The root stands left and its branches to the right, each in its own colour; what is too long for
    its box stands whole in the box's title. Size in pixels.
    """
    boxes = list(_boxes(root, column=0, row=0, parent_y=None, tone=0))
    width = (max(box.column for box in boxes) + 1) * _COLUMN
    height = _rows(root) * _ROW
    shapes = "\n".join(shape for box in boxes for shape in _shapes(box))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="system-ui, sans-serif" font-size="13">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n{shapes}\n</svg>\n'
    )


def pages_of(node: MindMapNode, *, named: bool) -> str:
    """Return the pages a branch rests on: `p. 3, 7`; of several documents, `a.pdf, p. 3; b.pdf …`.

    Args:
        node: The branch.
        named: Whether documents are named.
    """
    by_name: dict[str, list[str]] = {}
    for place in node.places:
        pages = by_name.setdefault(place.document_name, [])
        if str(place.page_number) not in pages:
            pages.append(str(place.page_number))
    return "; ".join(
        f"{f'{name}, ' if named else ''}p. {', '.join(pages)}" for name, pages in by_name.items()
    )


def _documents(node: MindMapNode) -> set[str]:
    below = (_documents(child) for child in node.children)
    return {place.document_id for place in node.places}.union(*below)


@dataclass(frozen=True, slots=True)
class _Box:
    """A branch in the drawing; `y` is its middle, `parent_y` its parent's, None for the root's."""

    node: MindMapNode
    column: int
    y: float
    parent_y: float | None
    colour: str


def _items(node: MindMapNode, depth: int, *, named: bool) -> Iterator[str]:
    for child in node.children:
        pages = f" ({_literal(pages_of(child, named=named))})" if child.places else ""
        yield f"{'  ' * depth}- {_literal(child.title)}{pages}"
        yield from _items(child, depth + 1, named=named)


def _literal(text: str) -> str:
    """Return `text` as Markdown that shows it: no markup, no link, no other kind of line."""
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", _visible(text)))


def _rows(node: MindMapNode) -> int:
    return max(1, sum(map(_rows, node.children)))


def _boxes(
    node: MindMapNode, *, column: int, row: int, parent_y: float | None, tone: int
) -> Iterator[_Box]:
    """Yield the boxes of a branch and all below it, from `row` on."""
    y = (row + _rows(node) / 2) * _ROW
    yield _Box(node, column, y, parent_y, _COLOURS[tone % len(_COLOURS)])
    for number, child in enumerate(node.children):
        own = tone if column else number
        yield from _boxes(child, column=column + 1, row=row, parent_y=y, tone=own)
        row += _rows(child)


def _fitted(text: str) -> tuple[str, float]:
    """Return what of `text` fits into a box, and about how many pixels it takes."""
    width = 0.0
    for at, character in enumerate(text):
        width += _NARROW_PX if unicodedata.east_asian_width(character) not in "WF" else _WIDE_PX
        if width > _WIDEST_TEXT:
            return text[:at] + "…", width
    return text, width


def _shapes(box: _Box) -> Iterator[str]:
    title = box.node.title
    shown, text_width = _fitted(title)
    width = text_width + 18
    x, colour = box.column * _COLUMN + 10, box.colour
    if box.parent_y is not None:
        start, bend = x - 40, x - 20
        yield (
            f'<path d="M{start} {box.parent_y:g} C{bend} {box.parent_y:g} {bend} {box.y:g} '
            f'{x} {box.y:g}" fill="none" stroke="{colour}" stroke-opacity=".5"/>'
        )
    hover = _xml(f"{title} ({pages_of(box.node, named=True)})" if box.node.places else title)
    yield (
        f"<g><title>{hover}</title>"
        f'<rect x="{x}" y="{box.y - _BOX_HEIGHT / 2:g}" width="{width:.0f}" '
        f'height="{_BOX_HEIGHT}" rx="6" fill="{colour}" fill-opacity=".1" stroke="{colour}"/>'
        f'<text x="{x + 8}" y="{box.y + 4.5:g}" fill="#1b1f24">{_xml(shown)}</text></g>'
    )


def _xml(text: str) -> str:
    return escape(_visible(text))


def _visible(text: str) -> str:
    """Return `text` on one line, without what controls or turns the line round."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())
