"""Documents as the catalog and the index know them."""

from collections import defaultdict

from functions.catalog.replies import document_reply
from functions.catalog.service import announce, api, caller
from functions.catalog.wiring import dependencies
from lectern.api import (
    BoxReply,
    ChunkList,
    ChunkQuery,
    ChunkReply,
    DocumentList,
    DocumentQuery,
    DocumentReply,
    SubjectList,
    SubjectReply,
    TagsRequest,
)
from lectern.documents import Chunk
from lectern.errors import NotFound
from lectern.events import DocumentDeleted
from lectern.serving.http import read_body, read_query


@api.route("GET", "/v1/collections/<collection>/documents", query=DocumentQuery, reply=DocumentList)
def list_documents(collection: str) -> DocumentList:
    """List a collection's documents, newest first, a page at a time.

    Documents that are being deleted or await their first bytes are listed only when their state
    is asked for.
    """
    access = caller()
    found = access.collection(collection)
    asked = read_query(DocumentQuery)
    documents, cursor = access.catalog.documents.list(
        found.collection_id,
        limit=asked.limit,
        cursor=asked.cursor,
        states=asked.state,
        name_contains=asked.name,
        tags=asked.tag,
        parent_id=asked.parent,
    )
    return DocumentList(documents=[document_reply(each) for each in documents], cursor=cursor)


@api.route("GET", "/v1/documents/<document_id>", reply=DocumentReply)
def get_document(document_id: str) -> DocumentReply:
    """Return a document with its timeline."""
    access = caller()
    document = access.document(document_id)
    timeline = access.catalog.documents.timeline(document_id)
    return document_reply(document, timeline=timeline)


@api.route("PATCH", "/v1/documents/<document_id>", body=TagsRequest, reply=DocumentReply)
def change_document(document_id: str) -> DocumentReply:
    """Replace a document's tags; search uses them from its next embedding on."""
    access = caller()
    access.document(document_id, role="editor")
    access.catalog.documents.set_tags(document_id, read_body(TagsRequest).tags)
    return document_reply(access.document(document_id))


@api.route("DELETE", "/v1/documents/<document_id>", reply=DocumentReply, status=202)
def delete_document(document_id: str) -> DocumentReply:
    """Remove a document: nobody sees it from now on, and its data goes soon after."""
    access = caller()
    access.document(document_id, role="editor")
    document = access.catalog.documents.request_deletion(document_id)
    if document is None:
        raise NotFound(f"there is no document {document_id!r}")
    announce(
        DocumentDeleted(
            collection_id=document.collection_id,
            document_id=document_id,
            revision=document.revision,
        )
    )
    return document_reply(document)


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
