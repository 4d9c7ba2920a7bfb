"""Jupyter notebooks: markdown cells as prose, code cells as listings, text output after them.

HTML, scripts and widgets among the outputs are left out. nbformat 4; nbformat 3 keeps its cells
in worksheets.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from functions.parse.blocks import ReadPage
from functions.parse.readers.decoding import decode, read_limited
from functions.parse.readers.markdown import add_markdown
from functions.parse.readers.page_builder import PageBuilder
from lectern.errors import UnreadableDocument

_OUTPUT_CHARACTERS = 4000


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield one page. See `Reader`."""
    del first_page, last_page
    page = PageBuilder()
    for cell in _cells(decode(read_limited(path))):
        kind = cell.get("cell_type")
        source = _joined(cell.get("source", cell.get("input", "")))
        if kind in {"markdown", "heading"}:
            prefix = "#" * int(cell.get("level", 1)) + " " if kind == "heading" else ""
            add_markdown(page, prefix + source)
        elif kind == "code":
            page.code(source)
            for output in cell.get("outputs", []):
                page.code(_output(output)[:_OUTPUT_CHARACTERS])
        else:
            page.text(source)
    yield page.page(1)


def _cells(text: str) -> list[dict[str, Any]]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument(
            "the notebook is not valid JSON; save it again in Jupyter", code="damaged"
        ) from error
    sheets = notebook.get("worksheets", [notebook])
    return [cell for sheet in sheets for cell in sheet.get("cells", [])]


def _joined(source: Any) -> str:
    return "".join(source) if isinstance(source, list) else str(source)


def _output(output: dict[str, Any]) -> str:
    if "text" in output:
        return _joined(output["text"])
    return _joined(output.get("data", {}).get("text/plain", ""))
