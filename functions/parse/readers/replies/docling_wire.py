"""The parts of a DoclingDocument (schema 1.x) and of Docling Serve's result that are read.

Described by docling-project/docling-core, `docling_core/types/doc`. Everything has a default but
what no item can be without, so that newer and older versions of the schema are read alike.
"""

from typing import Annotated

from pydantic import Field

from functions.parse.readers.replies.wire import Wire

_MOST_ITEMS = 200_000
_MOST_CELLS = 200_000


class Ref(Wire):
    """Names an item: `#/texts/0`."""

    ref: Annotated[str, Field(alias="$ref", max_length=100)]


Refs = Annotated[list[Ref], Field(max_length=_MOST_ITEMS)]


class BoundingBox(Wire):
    """A rectangle in points; `coord_origin` says where y begins."""

    l: float  # noqa: E741 - the schema's name
    t: float
    r: float
    b: float
    coord_origin: str = "TOPLEFT"

    @property
    def from_bottom(self) -> bool:
        """Whether the origin is at the bottom left."""
        return self.coord_origin == "BOTTOMLEFT"


class Provenance(Wire):
    """Where a run of an item's text stands; `charspan` is its part of the text, end exclusive."""

    page_no: int
    bbox: BoundingBox
    charspan: tuple[int, int] = (0, 0)


class TableCell(Wire):
    """A cell of a table; rows and columns count from 0, ends are exclusive."""

    text: str = ""
    bbox: BoundingBox | None = None
    start_row_offset_idx: int
    end_row_offset_idx: int
    start_col_offset_idx: int
    end_col_offset_idx: int
    column_header: bool = False


class TableData(Wire):
    """The cells of a table."""

    table_cells: Annotated[list[TableCell], Field(max_length=_MOST_CELLS)] = []


class Annotation(Wire):
    """What a model said about a picture."""

    kind: str = ""
    text: str = ""


class Item(Wire):
    """A text, table, picture or group; each kind fills only what it has."""

    label: str = ""
    content_layer: str = "body"
    children: Refs = []
    prov: Annotated[list[Provenance], Field(max_length=10_000)] = []
    text: str = ""
    level: int = 1
    enumerated: bool = False
    marker: str = ""
    captions: Refs = []
    footnotes: Refs = []
    annotations: Annotated[list[Annotation], Field(max_length=1000)] = []
    data: TableData = TableData()


Items = Annotated[list[Item], Field(max_length=_MOST_ITEMS)]


class Size(Wire):
    """Of a page, in points."""

    width: float
    height: float


class DoclingPage(Wire):
    """A page and its size as displayed."""

    size: Size
    page_no: int


class DoclingDocument(Wire):
    """A converted document: a tree of items in reading order."""

    body: Item
    groups: Items = []
    texts: Items = []
    tables: Items = []
    pictures: Items = []
    pages: dict[str, DoclingPage] = {}


class Exported(Wire):
    """The document in the formats that were asked for."""

    json_content: DoclingDocument


class Problem(Wire):
    """An error of a conversion."""

    error_message: str = ""


class ConvertResult(Wire):
    """What `/v1/result` answers about one file."""

    document: Exported
    status: str
    errors: Annotated[list[Problem], Field(max_length=10_000)] = []
