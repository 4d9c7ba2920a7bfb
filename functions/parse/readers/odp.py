"""OpenDocument presentations (.odp): a slide is a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from functions.parse.blocks import ReadPage
from functions.parse.readers.odf import OdfWalker, open_body
from functions.parse.readers.office_parts import attribute
from functions.parse.readers.page_builder import PageBuilder
from functions.parse.readers.safe_xml import inner_text, local_name

if TYPE_CHECKING:
    from lxml import etree


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield a page per slide: title, content as placed in the file, notes. See `Reader`."""
    del first_page, last_page
    with open_body(path, "presentation") as (package, body):
        slides = [element for element in body if local_name(element) == "page"]
        for number, slide in enumerate(slides, start=1):
            page = PageBuilder(starts_anew=True)
            walker = OdfWalker(page, package)
            title = next((e for e in slide if attribute(e, "class") == "title"), None)
            if title is not None:
                page.heading(inner_text(title), 1)
            for element in slide:
                if element is not title and local_name(element) != "notes":
                    walker.walk([element])
            _add_notes(page, walker, slide)
            walker.end()
            yield page.page(number)


def _add_notes(page: PageBuilder, walker: OdfWalker, slide: "etree._Element") -> None:
    for notes in slide:
        frames = [e for e in notes if attribute(e, "class") == "notes"]
        if local_name(notes) == "notes" and any(inner_text(f).strip() for f in frames):
            page.heading("Notes", 2)
            walker.walk(frames)
