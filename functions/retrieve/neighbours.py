"""Widening a found chunk by the chunks around it, so that a passage reads as a whole.

Neighbours come from the same part, page and heading; tables and figures stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lectern.documents import Chunk, Line, chunk_id


def neighbour_ids(chunk: Chunk, reach: int) -> Sequence[str]:
    """Return the ids of up to `reach` chunks on either side of `chunk`, which need not exist."""
    if chunk.kind != "text":
        return ()
    return [
        chunk_id(chunk.document_id, chunk.revision, chunk.part, ordinal)
        for ordinal in range(max(0, chunk.ordinal - reach), chunk.ordinal + reach + 1)
        if ordinal != chunk.ordinal
    ]


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive chunks, in reading order; `best` indexes the result they were gathered for."""

    chunks: tuple[Chunk, ...]
    best: int


def runs(found: Sequence[Chunk], nearby: Mapping[str, Chunk], reach: int) -> Sequence[Run]:
    """Return the run of each found chunk, best first; runs that share a chunk become one.

    Args:
        found: The results, most relevant first.
        nearby: Their neighbours, as far as they exist, by chunk id.
        reach: How many chunks to add on either side.
    """
    merged: list[Run] = []
    for position, chunk in enumerate(found):
        run = Run(_around(chunk, nearby, reach), position)
        touching = [other for other in merged if _share_a_chunk(other, run)]
        for other in touching:
            run = _union(other, run)
            merged.remove(other)
        merged.append(run)
    return sorted(merged, key=lambda run: run.best)


def joined(run: Run) -> Chunk:
    """Return the run as one chunk with the id of its best; `lines` point into the joined text.

    What two chunks share (their spans overlap) is kept once; between spans that do not touch
    stands one line break.
    """
    text, lines = run.chunks[0].text, list(run.chunks[0].lines)
    end = run.chunks[0].char_end
    for chunk in run.chunks[1:]:
        shared = min(max(0, end - chunk.char_start), len(chunk.text))
        if not shared and chunk.char_start > end:
            text += "\n"
        shift = len(text) - shared
        lines += [_moved(line, shift, len(text)) for line in chunk.lines if line.end > shared]
        text += chunk.text[shared:]
        end = max(end, chunk.char_end)
    first = run.chunks[0]
    return first.model_copy(update={"text": text, "lines": tuple(lines), "char_end": end})


def _around(chunk: Chunk, nearby: Mapping[str, Chunk], reach: int) -> tuple[Chunk, ...]:
    chunks = [chunk]
    for step in (-1, 1):
        for distance in range(1, reach + 1):
            wanted = chunk_id(
                chunk.document_id, chunk.revision, chunk.part, chunk.ordinal + step * distance
            )
            neighbour = nearby.get(wanted)
            if neighbour is None or not _continues(chunk, neighbour):
                break
            chunks.append(neighbour)
    return tuple(sorted(chunks, key=lambda c: c.ordinal))


def _continues(chunk: Chunk, neighbour: Chunk) -> bool:
    return (
        chunk.kind == neighbour.kind == "text"
        and chunk.page_number == neighbour.page_number
        and chunk.heading_path == neighbour.heading_path
    )


def _share_a_chunk(one: Run, other: Run) -> bool:
    return not {c.chunk_id for c in one.chunks}.isdisjoint(c.chunk_id for c in other.chunks)


def _union(one: Run, other: Run) -> Run:
    chunks = {chunk.chunk_id: chunk for chunk in (*one.chunks, *other.chunks)}
    in_order = tuple(sorted(chunks.values(), key=lambda chunk: chunk.ordinal))
    return Run(in_order, min(one.best, other.best))


def _moved(line: Line, shift: int, not_before: int) -> Line:
    return line._replace(start=max(line.start + shift, not_before), end=line.end + shift)
