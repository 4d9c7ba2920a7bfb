"""Documents as the catalog and the index know them."""

from collections import defaultdict

from functions.catalog import changes
from functions.catalog.holding import held_notice, notice_of
from functions.catalog.replies import changed_reply, document_reply
from functions.catalog.service import api, caller
from functions.catalog.wiring import dependencies
from lectern.api import (
    BoxReply,
    ChunkList,
    ChunkQuery,
    ChunkReply,
    DocumentChange,
    DocumentList,
    DocumentQuery,
    DocumentReply,
    FinalQuery,
    SubjectList,
    SubjectReply,
    TagList,
    TagReply,
)
from lectern.documents import Chunk, DocumentState
from lectern.serving.http import read_body, read_query

_MOST_TAGS = 1000


@api.route("GET", "/v1/collections/<collection>/documents", query=DocumentQuery, reply=DocumentList)
def list_documents(collection: str) -> DocumentList:
    """List a collection's documents, newest first by default, a page at a time.

    Documents that are being deleted or await their first bytes are listed only when their state
    is asked for; those in the trash with `trashed`, to editors.
    """
    access = caller()
    asked = read_query(DocumentQuery)
    found = access.collection(collection, role="editor" if _of_editors(asked) else "viewer")
    documents, cursor = access.catalog.documents.list(
        found.collection_id,
        limit=asked.limit,
        cursor=asked.cursor,
        states=asked.state,
        name_contains=asked.name,
        tags=asked.tag,
        parent_id=asked.parent,
        trashed=asked.trashed,
        sort=asked.sort,
    )
    held = held_notice(dependencies(), *documents)
    return DocumentList(
        documents=[document_reply(each, held=notice_of(each, held)) for each in documents],
        cursor=cursor,
    )


def _of_editors(asked: DocumentQuery) -> bool:
    """Return whether what is asked for has been taken from readers already."""
    return bool(asked.trashed) or DocumentState.DELETING in asked.state


@api.route("GET", "/v1/collections/<collection>/tags", reply=TagList)
def list_tags(collection: str) -> TagList:
    """List the tags in a collection with how many documents have each, the most used first."""
    access = caller()
    found = access.collection(collection)
    tags = access.catalog.documents.tags(found.collection_id, limit=_MOST_TAGS)
    return TagList(tags=[TagReply(tag=tag, documents=count) for tag, count in tags])


@api.route("GET", "/v1/documents/<document_id>", reply=DocumentReply)
def get_document(document_id: str) -> DocumentReply:
    """Return a document with its timeline."""
    access = caller()
    document = access.document(document_id)
    timeline = access.catalog.documents.timeline(document_id)
    held = held_notice(dependencies(), document)
    return document_reply(document, timeline=timeline, held=held)


@api.route("PATCH", "/v1/documents/<document_id>", body=DocumentChange, reply=DocumentReply)
def change_document(document_id: str) -> DocumentReply:
    """Change a document's tags or metadata; searches see it at once."""
    access = caller()
    document = access.document(document_id, role="editor")
    asked = read_body(DocumentChange)
    edited = changes.edit(dependencies(), document, tags=asked.tags, metadata=asked.metadata)
    if asked.model_fields_set:
        fields = " ".join(sorted(asked.model_fields_set))
        access.record(
            "document.changed", document_id, collection=document.collection_id, fields=fields
        )
    return changed_reply(access, edited)


@api.route(
    "DELETE",
    "/v1/documents/<document_id>",
    query=FinalQuery,
    reply=DocumentReply,
    status=202,
)
def delete_document(document_id: str) -> DocumentReply:
    """Remove a document: it cannot be listed, found or read from now on.

    `restore` undoes it until `trashed_until`; then its data goes. With `final` it goes at once,
    also from the trash.
    """
    needs = dependencies()
    final = read_query(FinalQuery).final or not needs.undo_s
    access = caller()
    document = access.document(document_id, role="editor", trashed=final)
    deleted = (changes.delete_for_good if final else changes.trash)(needs, document)
    access.record("document.deleted", document_id, collection=document.collection_id)
    return changed_reply(access, deleted)


@api.route("POST", "/v1/documents/<document_id>/restore", reply=DocumentReply)
def restore_document(document_id: str) -> DocumentReply:
    """Bring a document back from the trash, searchable as it was. Safe to repeat."""
    access = caller()
    document = access.document(document_id, role="editor", trashed=True)
    restored = changes.restore(dependencies(), document)
    access.record("document.restored", document_id, collection=document.collection_id)
    return changed_reply(access, restored)


@api.route("POST", "/v1/documents/<document_id>/retry", reply=DocumentReply, status=202)
def retry_document(document_id: str) -> DocumentReply:
    """Process a failed document once more, beginning where it failed."""
    access = caller()
    document = access.document(document_id, role="editor")
    begun = changes.retry(dependencies(), document)
    access.record("document.retried", document_id, collection=document.collection_id)
    return changed_reply(access, begun)


@api.route("POST", "/v1/documents/<document_id>/reprocess", reply=DocumentReply, status=202)
def reprocess_document(document_id: str) -> DocumentReply:
    """Parse and embed a document anew, as a new revision with the same bytes."""
    access = caller()
    document = access.document(document_id, role="editor")
    begun = changes.reprocess(dependencies(), document)
    access.record("document.reprocessed", document_id, collection=document.collection_id)
    return changed_reply(access, begun)


@api.route("GET", "/v1/documents/<document_id>/chunks", query=ChunkQuery, reply=ChunkList)
def list_chunks(document_id: str) -> ChunkList:
    """Return a window of a document's chunks as they are indexed, in reading order."""
    document = caller().document(document_id)
    asked = read_query(ChunkQuery)
    stored = (
        dependencies()
        .index_of(document.collection_id)
        .chunks(document_id, offset=asked.offset, limit=asked.limit)
    )
    return ChunkList(chunks=[_chunk(each.chunk) for each in stored])


@api.route("GET", "/v1/documents/<document_id>/subjects", reply=SubjectList)
def list_subjects(document_id: str) -> SubjectList:
    """Return what a document's chunks are about, and which chunks name it."""
    document = caller().document(document_id)
    index = dependencies().index_of(document.collection_id)
    mentioned_in: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for mention in index.mentions(document_id):
        mentioned_in[mention.subject_name].setdefault(mention.chunk_id)
    return SubjectList(
        subjects=[
            SubjectReply(
                name=subject.name,
                kind=subject.kind,
                definition=subject.definition,
                chunk_ids=list(subject.chunk_ids),
                mentioned_in=list(mentioned_in[subject.name]),
            )
            for subject in index.subjects(document_id)
        ]
    )


def _chunk(chunk: Chunk) -> ChunkReply:
    boxes = dict.fromkeys(line.box for line in chunk.lines)
    return ChunkReply(
        chunk_id=chunk.chunk_id,
        page_number=chunk.page_number,
        kind=chunk.kind,
        text=chunk.text,
        heading_path=list(chunk.heading_path),
        char_start=chunk.char_start,
        char_end=chunk.char_end,
        boxes=[BoxReply(page_number=chunk.page_number, **box._asdict()) for box in boxes],
        figure_key=chunk.figure_key,
    )
