"""Which events set a document that stopped moving in motion again. Pure functions."""

from collections.abc import Sequence

from lectern.catalog.records import Document, Part
from lectern.documents import DocumentState, PartState
from lectern.events import DocumentDeleted, DocumentIndexed, Event, PartAssigned, PartParsed
from lectern.registration import uploaded


def due_events(document: Document, parts: Sequence[Part]) -> Sequence[Event]:
    """Return what the stage before the stop would have published, in a form safe to repeat.

    Args:
        document: A document that has not moved for a while.
        parts: Its parts, in order.
    """
    match document.state:
        case DocumentState.DELETING:
            return [
                DocumentDeleted(
                    collection_id=document.collection_id,
                    document_id=document.document_id,
                    revision=document.revision,
                )
            ]
        case DocumentState.INDEXED:
            return [indexed(document), *_part_events(document, parts)]
        case DocumentState.UPLOADED:
            return [uploaded(document)]
        case DocumentState.PARSING if not parts:
            return [uploaded(document)]
        case _:
            return _part_events(document, parts)


def indexed(document: Document) -> DocumentIndexed:
    """Return the event that says that the document's current revision can be found."""
    return DocumentIndexed(
        collection_id=document.collection_id,
        document_id=document.document_id,
        revision=document.revision,
        pages=document.pages,
        chunks=document.chunks,
    )


def _part_events(document: Document, parts: Sequence[Part]) -> list[Event]:
    events: list[Event] = []
    for part in parts:
        common = {
            "collection_id": document.collection_id,
            "document_id": part.document_id,
            "revision": part.revision,
            "part": part.part,
            "parts": len(parts),
        }
        if part.state is PartState.ASSIGNED:
            events.append(
                PartAssigned.model_validate(
                    common | {"first_page": part.first_page, "last_page": part.last_page}
                )
            )
        elif part.state is PartState.PARSED or not part.graphed:
            events.append(
                PartParsed.model_validate(
                    common | {"chunks_key": part.chunks_key, "chunk_count": part.chunk_count}
                )
            )
    return events
