"""Results as passages: widened by neighbours, with the places they stand at."""

from collections.abc import Callable, Mapping, Sequence

from functions.retrieve.candidates import Result
from functions.retrieve.neighbours import joined, neighbour_ids, runs
from lectern.api import BoxReply, Passage, PassageLine
from lectern.documents import Chunk
from lectern.index.port import CollectionIndex


def passages(
    results: Sequence[Result], *, reach: int, index: Callable[[str], CollectionIndex]
) -> list[Passage]:
    """Return the results as passages, each with up to `reach` chunks on either side.

    Results that overlap then become one passage with the id and relevance of the better one.
    """
    if not reach:
        return [_passage(result, result.stored.chunk) for result in results]
    nearby = _nearby(results, reach, index)
    gathered = runs([result.stored.chunk for result in results], nearby, reach)
    return [_passage(results[run.best], joined(run)) for run in gathered]


def _nearby(
    results: Sequence[Result], reach: int, index: Callable[[str], CollectionIndex]
) -> Mapping[str, Chunk]:
    wanted: dict[str, list[str]] = {}
    for result in results:
        ids = wanted.setdefault(result.collection_id, [])
        ids.extend(neighbour_ids(result.stored.chunk, reach))
    return {
        chunk_id: stored.chunk
        for collection_id, ids in wanted.items()
        if ids
        for chunk_id, stored in index(collection_id).chunks_by_id(ids).items()
    }


def _passage(result: Result, chunk: Chunk) -> Passage:
    """Return the passage of `chunk`, which may span more than the result's own chunk."""
    found = result.stored
    page = chunk.page_number
    boxes = dict.fromkeys(line.box for line in chunk.lines)
    return Passage(
        chunk_id=found.chunk.chunk_id,
        collection_id=result.collection_id,
        document_id=chunk.document_id,
        document_name=found.document_name,
        revision=chunk.revision,
        page_number=page,
        boxes=[BoxReply(page_number=page, **box._asdict()) for box in boxes],
        lines=[PassageLine(page_number=page, **line._asdict()) for line in chunk.lines],
        heading_path=list(chunk.heading_path),
        kind=chunk.kind,
        text=chunk.text,
        char_start=chunk.char_start,
        char_end=chunk.char_end,
        figure_key=chunk.figure_key,
        relevance=result.relevance,
        relevances=dict(result.relevances),
    )
