"""Captions, and the figures they belong to, cut out of the page as it is displayed.

A figure is found by its caption: what nobody names cannot be found by words either. Its place is
the images and drawings that touch each other next to the caption, without a text column between.
"""

# ruff: noqa: RUF001 - dashes, quotes and full-width signs are meant

import re
from collections.abc import Sequence

from functions.parse.readers.pdf_content import PageContent
from functions.parse.readers.pdf_engine import PdfPage, pymupdf
from lectern.documents import Box

FIGURE_CAPTION = re.compile(
    r"^(?:(?:Figure|Fig|FIGURE|FIG|Abbildung|Abb|Chart|Exhibit|Illustration|Photo)\.?\s*"
    r"[A-Z]?\d+(?:[.\-–]\d+)*\s*(?:[.:|–—-]|$|\s(?=[A-Z(]))"
    r"|(?:그림|사진|圖|図|图)\s*\d+(?:[.\-–]\d+)*)"
)
TABLE_CAPTION = re.compile(
    r"^(?:(?:Table|TABLE|Tab|Tabelle|Tableau|Cuadro)\.?\s*[A-Z]?(?:\d+|[IVX]+)(?:[.\-–]\d+)*"
    r"|(?:표|表)\s*\d+(?:[.\-–]\d+)*)\s*(?:[.:|。：\]–—-]|\s|$)"
)

_MIN_SIDE = 30.0  # points
_MAX_SHARE = 0.85  # of the page: more is its background
_REACH = 60.0  # points between a caption and its figure
_JOIN = 12.0  # points between pieces of one figure
_MAX_PIECES = 2_000
_DPI = 144
_MAX_PIXELS = 1_600
_JPEG_QUALITY = 85


def figure_beside(caption: Box, content: PageContent, others: Sequence[Box] = ()) -> Box | None:
    """Return the place of the figure above the caption, or else below it, or None.

    It may be wider than its caption: what adjoins it at its sides is part of it, unless one of the
    `others`, captions as well, stands beside this one and there.
    """
    page_area = content.width * content.height
    rivals = [o for o in others if o != caption and o.y0 < caption.y1 and o.y1 > caption.y0]
    pieces = [
        box
        for box in (*content.images, *content.drawings[:_MAX_PIECES])
        if (box.x1 - box.x0) * (box.y1 - box.y0) < _MAX_SHARE * page_area
    ]
    above = [b for b in pieces if b.y1 <= caption.y0 + 2]
    below = [b for b in pieces if b.y0 >= caption.y1 - 2]
    for side, edge, upwards in ((above, caption.y0, True), (below, caption.y1, False)):
        found = _grown([b for b in side if _shares_width(b, caption)], edge, upwards=upwards)
        if found is not None:
            free = [b for b in side if not any(_shares_width(b, rival) for rival in rivals)]
            found = _widened(found, free)
            if found.x1 - found.x0 >= _MIN_SIDE and found.y1 - found.y0 >= _MIN_SIDE:
                return found
    return None


def _shares_width(a: Box, b: Box) -> bool:
    return a.x0 < b.x1 and a.x1 > b.x0


def _widened(union: Box, pieces: Sequence[Box]) -> Box:
    """Return the union with the pieces beside it that adjoin it, and those beside them."""
    left = list(pieces)
    while True:
        beside = [b for b in left if _is_beside(b, union)]
        if not beside:
            return union
        left = [b for b in left if b not in beside]
        for box in beside:
            union = _union(union, box)


def _is_beside(box: Box, union: Box) -> bool:
    near = box.x0 <= union.x1 + _JOIN and box.x1 >= union.x0 - _JOIN
    shared = min(box.y1, union.y1) - max(box.y0, union.y0)
    return near and 2 * shared >= box.y1 - box.y0


def _grown(pieces: Sequence[Box], edge: float, *, upwards: bool) -> Box | None:
    """Return the union of the pieces that follow each other from `edge` without a gap."""
    union: Box | None = None
    for box in sorted(pieces, key=lambda b: -b.y1 if upwards else b.y0):
        near = edge - box.y1 if upwards else box.y0 - edge
        if near > (_JOIN if union else _REACH):
            break
        union = box if union is None else _union(union, box)
        edge = union.y0 if upwards else union.y1
    return union


def _union(a: Box, b: Box) -> Box:
    return Box(min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1))


def cut_out(page: PdfPage, box: Box, *, photographic: bool) -> tuple[bytes, str]:
    """Return that part of the page as an image of at most 1,600 pixels a side, and its extension.

    Args:
        page: The page, its rotation removed.
        box: The place.
        photographic: JPEG instead of PNG.
    """
    clip = pymupdf.Rect(*box) & page.rect
    zoom = min(_DPI / 72, _MAX_PIXELS / max(clip.width, clip.height, 1))
    picture = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), clip=clip, alpha=False)
    if photographic:
        return picture.tobytes("jpg", jpg_quality=_JPEG_QUALITY), "jpg"
    return picture.tobytes("png"), "png"
