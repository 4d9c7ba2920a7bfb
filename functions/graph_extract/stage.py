"""From a parsed part to its subjects and mentions in the index.

Rows first, under deterministic ids, then the catalog; killed in between, the redelivery writes
the same rows again. Nothing is published: nobody waits for it.
"""

from collections.abc import Callable, Sequence

from functions.graph_extract.mentions import NameFinder, starts_by_subject
from functions.graph_extract.names import folded_name, row_id
from functions.graph_extract.subjects import Subject, subjects
from lectern import telemetry
from lectern.catalog.port import Catalog
from lectern.documents import Chunk, DocumentState, PartState
from lectern.errors import SourceGone
from lectern.events import PartParsed
from lectern.index.port import CollectionIndex
from lectern.index.rows import MentionRow, SubjectRow
from lectern.objects import ObjectStore
from lectern.parts import decode_part

IndexOf = Callable[[str], CollectionIndex]

_NOBODY_ELSE_CLEANS_UP = {DocumentState.DELETING, DocumentState.INDEXED, DocumentState.READY}
"""In any other state a newer revision is under way and removes older rows when it is complete."""


def extract_part(
    event: PartParsed, *, catalog: Catalog, store: ObjectStore, index_of: IndexOf
) -> None:
    """Put what the part's chunks are about into the index. Safe to run twice, and twice at once.

    Raises:
        SourceGone: The parsed part is not in the store.
        UnreadableDocument: The parsed part is damaged.
    """
    documents = catalog.documents
    document = documents.get(event.document_id)
    part = documents.part(event.document_id, event.revision, event.part)
    if document is None or part is None:
        if document is None or document.state in _NOBODY_ELSE_CLEANS_UP:
            _withdraw(event, index_of)
        else:
            telemetry.note(outcome="superseded")
        return
    if part.state is PartState.ASSIGNED:
        telemetry.note(outcome="not_parsed")  # tried again meanwhile: parse will announce it anew
        return
    if part.graphed:
        telemetry.note(outcome="repeated")
        return
    try:
        chunks = decode_part(store.read(part.chunks_key)).chunks
    except SourceGone:
        if documents.part(event.document_id, event.revision, event.part) is not None:
            raise
        _withdraw(event, index_of)
        return
    found = subjects(chunks, document_name=document.name)
    mentions = _mention_rows(event, chunks, found)
    telemetry.note(chunks=len(chunks), subjects=len(found), mentions=len(mentions))
    index_of(document.collection_id).replace_subjects(
        event.document_id, event.revision, event.part, _subject_rows(event, found), mentions
    )
    if not documents.part_graphed(event.document_id, event.revision, event.part):
        _withdraw(event, index_of)


def _subject_rows(event: PartParsed, found: Sequence[Subject]) -> list[SubjectRow]:
    return [
        SubjectRow(
            subject_id=row_id(
                event.document_id, event.revision, event.part, folded_name(subject.name)
            ),
            document_id=event.document_id,
            revision=event.revision,
            part=event.part,
            name=subject.name,
            kind=subject.kind,
            definition=subject.definition,
            chunk_ids=subject.chunk_ids,
        )
        for subject in found
    ]


def _mention_rows(
    event: PartParsed, chunks: Sequence[Chunk], found: Sequence[Subject]
) -> list[MentionRow]:
    finder = NameFinder(found)
    return [
        MentionRow(
            mention_id=row_id(
                event.document_id,
                event.revision,
                event.part,
                folded_name(found[number].name),
                chunk.chunk_id,
            ),
            document_id=event.document_id,
            revision=event.revision,
            part=event.part,
            subject_name=found[number].name,
            chunk_id=chunk.chunk_id,
            starts=starts,
        )
        for chunk in chunks
        for number, starts in sorted(starts_by_subject(finder.find(chunk.text)).items())
    ]


def _withdraw(event: PartParsed, index_of: IndexOf) -> None:
    """Remove what was or may have been written for a part that nobody wants any more."""
    telemetry.note(outcome="superseded")
    index_of(event.collection_id).replace_subjects(
        event.document_id, event.revision, event.part, (), ()
    )
