"""Chunks as cards, and as boxes on their pages."""

import re
from collections.abc import Mapping, Sequence

from lectern.api import BoxReply, ChunkReply, DocumentReply
from lectern.documents import ChunkKind
from web.components.passages import Block, Card
from web.components.viewer import Highlight
from web.language import t
from web.parts.matches import runs

_PDF = "application/pdf"
_RULE = re.compile(r"\|(\s*:?-{3,}:?\s*\|)+")
_CELL_END = re.compile(r"(?<!\\)(?:\\\\)*\|")


def pages_to_show(document: DocumentReply) -> int:
    """Return how many pages of a document can be shown as pictures; 0 for all but PDF."""
    pdf = document.content_type == _PDF or document.name.lower().endswith(".pdf")
    return document.pages if pdf else 0


def card_of(
    chunk: ChunkReply,
    *,
    number: int,
    paged: bool,
    figure: str = "",
    subjects: Sequence[str] = (),
    wanted: Sequence[str] = (),
) -> Card:
    """Return a chunk as a card.

    Args:
        chunk: What it shows.
        number: Its place among the chunks, from 1.
        paged: Whether the document has pages a reader knows.
        figure: Address of its picture, or "".
        subjects: What it is about.
        wanted: Terms to highlight.
    """
    return Card(
        id=chunk.chunk_id,
        number=number,
        place=t("library.page_number", page=chunk.page_number) if paged else "",
        kind=kind_text(chunk.kind),
        headings=chunk.heading_path,
        blocks=blocks_of(chunk.text, chunk.kind, wanted),
        figure=figure,
        figure_label=t("library.figure_label", page=chunk.page_number),
        subjects=list(subjects),
    )


def kind_text(kind: ChunkKind) -> str:
    """Return what kind of chunk it is, where that is worth saying."""
    return "" if kind == "text" else t(f"library.kind_{kind}")


def blocks_of(text: str, kind: ChunkKind, wanted: Sequence[str] = ()) -> Sequence[Block]:
    """Return a passage's text as paragraphs, and as tables where it has some."""
    if kind != "table":
        return [Block(runs=runs(text, wanted))]
    blocks: list[Block] = []
    table: list[str] = []
    for line in [*text.split("\n"), None]:
        if line is not None and line.startswith("|"):
            table.append(line)
            continue
        if table:
            blocks.append(_table(table, wanted))
            table = []
        if line and line.strip():
            blocks.append(Block(runs=runs(line, wanted)))
    return blocks


def cells_of(line: str) -> Sequence[str]:
    r"""Return the cells of a table row `| a | b |`; `\|` and `\\` stand for `|` and `\`."""
    inner = line.strip().removeprefix("|")
    cells, start = [], 0
    for match in _CELL_END.finditer(inner):
        cells.append(inner[start : match.end() - 1])
        start = match.end()
    if inner[start:].strip():
        cells.append(inner[start:])
    return [re.sub(r"\\([\\|])", r"\1", cell.strip()) for cell in cells]


def highlights_of(chunks: Sequence[ChunkReply], active: str) -> Sequence[Highlight]:
    """Return the places of chunks: line by line for the active one, one frame for each other."""
    return [
        Highlight(
            id=chunk.chunk_id,
            number=number,
            page=chunk.page_number,
            boxes=[
                [box.x0, box.y0, box.x1, box.y1]
                for box in (chunk.boxes if chunk.chunk_id == active else _frame(chunk.boxes))
            ],
            quiet=True,
        )
        for number, chunk in enumerate(chunks, start=1)
    ]


def subjects_by_chunk(mentions: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """Return the subjects of each chunk from the chunks of each subject."""
    found: dict[str, list[str]] = {}
    for subject, chunk_ids in mentions.items():
        for chunk_id in chunk_ids:
            found.setdefault(chunk_id, []).append(subject)
    return found


def _frame(boxes: Sequence[BoxReply]) -> Sequence[BoxReply]:
    if not boxes:
        return []
    return [
        BoxReply(
            page_number=boxes[0].page_number,
            x0=min(box.x0 for box in boxes),
            y0=min(box.y0 for box in boxes),
            x1=max(box.x1 for box in boxes),
            y1=max(box.y1 for box in boxes),
        )
    ]


def _table(lines: Sequence[str], wanted: Sequence[str]) -> Block:
    rows = [cells_of(line) for line in lines if not _RULE.fullmatch(line.strip())]
    headed = len(lines) > 1 and _RULE.fullmatch(lines[1].strip()) is not None
    cells = [[runs(cell, wanted) for cell in row] for row in rows]
    return Block(header=cells[0] if headed else None, rows=cells[1:] if headed else cells)
