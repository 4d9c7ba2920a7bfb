"""PowerPoint presentations (.pptx): a slide is a page, read from top to bottom.

Charts give their data as a table, pictures their alternative text, the speaker's notes follow
under a heading of their own. Animations, masters and comments are left out.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from functions.parse.blocks import ReadPage
from functions.parse.readers.html_tables import expand
from functions.parse.readers.office_parts import OfficeParts, refuse_strict
from functions.parse.readers.packages import open_package
from functions.parse.readers.page_builder import PageBuilder

_ROW_TOLERANCE = 0.04  # of the slide's height: shapes this close in height stand side by side
_MAX_CATEGORIES = 1000
_PRESENTATION = "PowerPoint"


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield a page per slide, hidden ones too. See `Reader`."""
    del first_page, last_page
    from pptx import Presentation

    with open_package(path, kind=_PRESENTATION) as package:
        refuse_strict(OfficeParts(package), _PRESENTATION)
    presentation = Presentation(str(path))
    tolerance = int((presentation.slide_height or 0) * _ROW_TOLERANCE) or 1
    for number, slide in enumerate(presentation.slides, start=1):
        page = PageBuilder(starts_anew=True)
        title = slide.shapes.title
        if title is not None and title.has_text_frame:
            page.heading(title.text_frame.text, 1)
        for shape in in_reading_order(slide.shapes, tolerance):
            if title is None or shape.shape_id != title.shape_id:
                _add_shape(page, shape, tolerance)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            notes = slide.notes_slide.notes_text_frame.text
            if notes.strip():
                page.heading("Notes", 2)
                page.text(notes)
        yield page.page(number)


def in_reading_order(shapes: Iterable[Any], tolerance: int) -> list[Any]:
    """Return shapes from top to bottom and, within a row, from left to right; units are EMU."""
    rows: list[list[Any]] = []
    for shape in sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0)):
        if rows and (shape.top or 0) - (rows[-1][0].top or 0) <= tolerance:
            rows[-1].append(shape)
        else:
            rows.append([shape])
    return [shape for row in rows for shape in sorted(row, key=lambda shape: shape.left or 0)]


def _add_shape(page: PageBuilder, shape: Any, tolerance: int) -> None:
    from pptx.enum.shapes import MSO_SHAPE_TYPE
    from pptx.shapes.group import GroupShape
    from pptx.shapes.picture import Picture

    if isinstance(shape, GroupShape):
        for inner in in_reading_order(shape.shapes, tolerance):
            _add_shape(page, inner, tolerance)
    elif getattr(shape, "has_table", False):
        _add_table(page, shape.table)
    elif getattr(shape, "has_chart", False):
        _add_chart(page, shape.chart)
    elif isinstance(shape, Picture) or (
        shape.is_placeholder and shape.shape_type == MSO_SHAPE_TYPE.PLACEHOLDER and _blip(shape)
    ):
        page.figure(_picture(shape), _alternative_text(shape))
    elif shape.has_text_frame:
        _add_text(page, shape)


def _add_text(page: PageBuilder, shape: Any) -> None:
    page.end_list()
    paragraphs = [p for p in shape.text_frame.paragraphs if p.text.strip()]
    listed = len(paragraphs) > 1 and (shape.is_placeholder or any(p.level for p in paragraphs))
    for paragraph in paragraphs:
        text = paragraph.text
        if listed or paragraph._p.find("{*}pPr/{*}buChar") is not None:  # noqa: SLF001 - no API
            page.item(text, depth=paragraph.level)
        else:
            page.text(text)
    page.end_list()


def _add_table(page: PageBuilder, table: Any) -> None:
    rows = [
        [
            (cell.text, cell.span_width if cell.is_merge_origin else 1,
             cell.span_height if cell.is_merge_origin else 1)
            for cell in row.cells
            if not cell.is_spanned
        ]
        for row in table.rows
    ]  # fmt: skip
    page.table(expand(rows), has_header=bool(table.first_row))


def _add_chart(page: PageBuilder, chart: Any) -> None:
    title = chart.chart_title.text_frame.text if chart.has_title else ""
    if not title and chart.has_title is False:
        title = "Chart"
    for plot in chart.plots:
        series = list(plot.series)
        categories = [str(category) for category in plot.categories][:_MAX_CATEGORIES]
        if not categories:
            categories = [
                str(n) for n in range(1, 1 + max((len(list(s.values)) for s in series), default=0))
            ]
        columns = [list(one.values) for one in series]
        rows = [
            [category, *("" if i >= len(c) or c[i] is None else f"{c[i]:g}" for c in columns)]
            for i, category in enumerate(categories)
        ]
        page.table([["", *(one.name for one in series)], *rows], caption=title)


def _alternative_text(shape: Any) -> str:
    properties = shape._element.find(".//{*}cNvPr")  # noqa: SLF001 - python-pptx has no API for it
    return str(properties.get("descr", "")) if properties is not None else ""


def _blip(shape: Any) -> bool:
    return shape._element.find(".//{*}blip") is not None  # noqa: SLF001 - no API


def _picture(shape: Any) -> bytes:
    """Return the bytes of a picture, b"" when it is only linked."""
    blip = shape._element.find(".//{*}blip")  # noqa: SLF001 - `image` raises for linked pictures
    if blip is None:
        return b""
    embedded = next((v for k, v in blip.attrib.items() if k.endswith("}embed")), None)
    if embedded is None or embedded not in shape.part.rels:
        return b""
    return bytes(shape.part.related_part(embedded).blob)
