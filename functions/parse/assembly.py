"""Drafts into the parts of a document: ids, keys, files in the folder the caller gave."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from functions.parse.chunking import Draft
from lectern.documents import Chunk, Page, chunk_id, figure_key
from lectern.parts import encode_part

_MAX_FIGURES = 500  # of a part
_MAX_FIGURE_BYTES = 256 << 20  # of a part


@dataclass(frozen=True, slots=True)
class Target:
    """The revision that parts are written for, and the folder they are written into."""

    folder: Path
    collection_id: str
    document_id: str
    revision: int


@dataclass(slots=True)
class PartWriter:
    """Collects one part; figures go to disk as they come.

    Each page stands in the part in which it begins.
    """

    target: Target
    part: int
    pages: list[Page] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    figure_bytes: int = 0

    def add(self, draft: Draft) -> None:
        """Add the next chunk."""
        target, ordinal = self.target, len(self.chunks)
        self.chunks.append(
            Chunk(
                chunk_id=chunk_id(target.document_id, target.revision, self.part, ordinal),
                document_id=target.document_id,
                revision=target.revision,
                part=self.part,
                ordinal=ordinal,
                page_number=draft.page_number,
                kind=draft.kind,
                text=draft.text,
                heading_path=draft.heading_path,
                char_start=draft.char_start,
                char_end=draft.char_end,
                lines=draft.lines,
                figure_key=self._figure(draft),
            )
        )

    def _figure(self, draft: Draft) -> str | None:
        figure = draft.figure
        if figure is None or len(self.figures) >= _MAX_FIGURES:
            return None
        if self.figure_bytes + len(figure.image) > _MAX_FIGURE_BYTES:
            return None
        key = figure_key(
            self.target.collection_id,
            self.target.document_id,
            self.target.revision,
            self.part,
            ordinal=len(self.figures) + 1,
            extension=figure.image_extension,
        )
        name = key.rpartition("/")[2]
        (self.target.folder / name).write_bytes(figure.image)
        self.figures.append(name)
        self.figure_bytes += len(figure.image)
        return key

    def write(self, first_page: int, last_page: int) -> dict[str, object]:
        """Write the part's file and return what `WrittenPart` describes."""
        data = encode_part(self.pages, self.chunks)
        (self.target.folder / part_file(self.part)).write_bytes(data)
        return {
            "part": self.part,
            "first_page": first_page,
            "last_page": last_page,
            "chunk_count": len(self.chunks),
            "figures": self.figures,
        }


def part_file(part: int) -> str:
    """Return the name of the part's file in the folder."""
    return f"part-{part:04d}.jsonl.zst"


def write_parts(
    chunked: Iterable[tuple[Page, list[Draft]]], target: Target, *, chunks_per_part: int
) -> Iterator[dict[str, object]]:
    """Write a document's parts as its pages come, each of at most `chunks_per_part` chunks."""
    writer = PartWriter(target, 1)
    for page, drafts in chunked:
        writer.pages.append(page)
        for draft in drafts:
            if len(writer.chunks) == chunks_per_part:
                yield _finished(writer)
                writer = PartWriter(target, writer.part + 1)
            writer.add(draft)
    if writer.chunks:
        yield _finished(writer)


def _finished(writer: PartWriter) -> dict[str, object]:
    return writer.write(writer.chunks[0].page_number, writer.chunks[-1].page_number)
