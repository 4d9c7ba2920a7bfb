"""The parts of an analysis by Azure AI Document Intelligence (2024-11-30) that are read.

https://learn.microsoft.com/rest/api/aiservices/document-models/get-analyze-result
"""

from typing import Annotated

from pydantic import Field

from functions.parse.readers.replies.wire import CamelWire

_MOST = 500_000


class Span(CamelWire):
    """A run of the result's content, in code points (as `stringIndexType` asks)."""

    offset: int
    length: int

    @property
    def end(self) -> int:
        """Where it ends, exclusive."""
        return self.offset + self.length


Spans = Annotated[list[Span], Field(max_length=10_000)]
Polygon = Annotated[list[float], Field(max_length=64)]


class Region(CamelWire):
    """A place on a page, 1-based, in the page's unit, origin at the top left."""

    page_number: int
    polygon: Polygon = []


Regions = Annotated[list[Region], Field(max_length=10_000)]


class PageLine(CamelWire):
    """A line of a page."""

    content: str
    polygon: Polygon = []
    spans: Spans = []


class AzurePage(CamelWire):
    """A page; width, height and polygons are inches, or pixels of a picture."""

    page_number: int
    width: float = 0.0
    height: float = 0.0
    lines: Annotated[list[PageLine], Field(max_length=_MOST)] = []


class Paragraph(CamelWire):
    """A paragraph and what it is for."""

    content: str
    role: str = ""
    bounding_regions: Regions = []
    spans: Spans = []


class Part(CamelWire):
    """A caption or footnote; `elements` name its paragraphs: `/paragraphs/0`."""

    content: str = ""
    elements: Annotated[list[str], Field(max_length=10_000)] = []
    bounding_regions: Regions = []


class AzureCell(CamelWire):
    """A cell of a table; rows and columns count from 0."""

    kind: str = "content"
    row_index: int
    column_index: int
    row_span: int = 1
    column_span: int = 1
    content: str = ""
    bounding_regions: Regions = []
    elements: Annotated[list[str], Field(max_length=10_000)] = []


class Table(CamelWire):
    """A table, which may go on over several pages."""

    cells: Annotated[list[AzureCell], Field(max_length=_MOST)] = []
    bounding_regions: Regions = []
    spans: Spans = []
    caption: Part | None = None
    footnotes: Annotated[list[Part], Field(max_length=1000)] = []


class Figure(CamelWire):
    """A picture or drawing; `elements` are what is written in it."""

    bounding_regions: Regions = []
    spans: Spans = []
    elements: Annotated[list[str], Field(max_length=10_000)] = []
    caption: Part | None = None
    footnotes: Annotated[list[Part], Field(max_length=1000)] = []


class Section(CamelWire):
    """A section of the document: paragraphs, tables, figures and further sections."""

    elements: Annotated[list[str], Field(max_length=_MOST)] = []


class AnalyzeResult(CamelWire):
    """What was found in a document."""

    pages: Annotated[list[AzurePage], Field(max_length=5000)] = []
    paragraphs: Annotated[list[Paragraph], Field(max_length=_MOST)] = []
    tables: Annotated[list[Table], Field(max_length=20_000)] = []
    figures: Annotated[list[Figure], Field(max_length=20_000)] = []
    sections: Annotated[list[Section], Field(max_length=_MOST)] = []


class AnalyzeOperation(CamelWire):
    """An analysis that succeeded."""

    status: str
    analyze_result: AnalyzeResult
