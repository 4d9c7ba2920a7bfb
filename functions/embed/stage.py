"""From a parsed part to its rows in the index, and the gathering of a document's parts.

The order of effects is what makes a kill at any moment heal:

1. rows into the index, under deterministic ids. Killed here: the redelivery finds the part not
   embedded, takes the vectors from the rows that are there, and writes the same rows.
2. `part_embedded` in the catalog, which also says whether this completed the revision. If it is
   not the current one any more, what step 1 wrote is removed: whoever superseded it cleaned up
   before or will after, and no order of the two leaves rows behind. Killed before: the redelivery
   removes it, or the newer revision does when it is complete.
3. part.embedded is published. Killed before: the redelivery finds the part embedded and publishes
   it again, under the same id.
4. for the last part: rows of older revisions go, document.indexed is published, the document
   becomes `ready`. Only the call that completed the revision does this. Killed inside: the document
   stays `indexed`; the redelivery of any of its parts is told to come later, until the document has
   not moved for longer than this step can take, and then takes it, each of whose effects may be
   repeated.

An event that is lost altogether is replaced by the sweeper, which publishes part.parsed again for
a document that stopped moving; that is a redelivery like any other.

A budget that is used up is no failure. Brokers would deliver the event a few times within minutes
and then give it up, and the document with it; so the event counts as done, nothing is written, and
the sweeper brings it again until there is something left to spend.
"""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from functions.embed.passages import embedded_text, vector_digest
from lectern import telemetry
from lectern.catalog.port import Catalog
from lectern.catalog.records import Document
from lectern.documents import Chunk, DocumentState, PartState
from lectern.errors import Busy, PermanentError, RateLimited, SourceGone, UnreadableDocument
from lectern.events import DocumentIndexed, PartEmbedded, PartParsed, Publisher
from lectern.index.port import CollectionIndex
from lectern.index.rows import ChunkRow
from lectern.models import Embedder, Embedders
from lectern.objects import ObjectStore
from lectern.parts import decode_part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

IndexOf = Callable[[str], CollectionIndex]

_NOBODY_ELSE_CLEANS_UP = {DocumentState.DELETING, DocumentState.INDEXED, DocumentState.READY}
"""In any other state a newer revision is under way. It removes ours when it is complete; until
then people still find the older one, which an old event that comes again must not take away."""


def embed_part(
    event: PartParsed,
    *,
    catalog: Catalog,
    store: ObjectStore,
    embedders: Embedders,
    index_of: IndexOf,
    publisher: Publisher,
    abandoned_after_s: float = 30.0,
) -> None:
    """Put the part's chunks into the index; with the last part the document becomes searchable.

    Safe to run twice, and twice at once. Nothing happens when the collection's budget is used up;
    the sweeper brings the part again.

    Args:
        event: The part.
        catalog: Says what is current, and gathers the parts.
        store: Holds the claim check.
        embedders: Have to have the one that the collection is bound to.
        index_of: Gives the index of a collection.
        publisher: Told of the part, and of the document with its last part.
        abandoned_after_s: Seconds after which a document that is complete but not announced is
            taken over from whoever completed it.

    Raises:
        Busy: Somebody else is announcing the document at this moment.
        SourceGone: The parsed part is not in the store.
        UnreadableDocument: The parsed part is damaged.
        PermanentError: The collection is bound to an embedder that is not at hand (code
            `embedder_mismatch`).
    """
    try:
        _embed(
            event,
            catalog=catalog,
            store=store,
            embedders=embedders,
            index_of=index_of,
            publisher=publisher,
            abandoned_after_s=abandoned_after_s,
        )
    except RateLimited as error:
        if error.code != "budget_used_up":
            raise
        telemetry.note(outcome=error.code)


def _embed(
    event: PartParsed,
    *,
    catalog: Catalog,
    store: ObjectStore,
    embedders: Embedders,
    index_of: IndexOf,
    publisher: Publisher,
    abandoned_after_s: float,
) -> None:
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
    if part.state is PartState.EMBEDDED:
        telemetry.note(outcome="repeated")
        _announce(event, publisher)
        current = documents.get(event.document_id)  # `document` is older than what `part` says
        if current is not None and current.state is DocumentState.INDEXED:
            _require_abandoned(current, abandoned_after_s)
            _complete(event, catalog=catalog, index_of=index_of, publisher=publisher)
        return
    try:
        chunks = _chunks(event, store.read(part.chunks_key))
    except SourceGone:
        if documents.part(event.document_id, event.revision, event.part) is not None:
            raise
        _withdraw(event, index_of)
        return
    index = index_of(document.collection_id)
    rows = _rows(chunks, document, catalog=catalog, embedders=embedders, index=index)
    index.replace_part(event.document_id, event.revision, event.part, rows)
    _keep_up_with_tags(document, catalog, index)
    completed = documents.part_embedded(event.document_id, event.revision, event.part)
    if documents.part(event.document_id, event.revision, event.part) is None:
        _withdraw(event, index_of)
        return
    _announce(event, publisher)
    if completed:
        _complete(event, catalog=catalog, index_of=index_of, publisher=publisher)


def _chunks(event: PartParsed, data: bytes) -> Sequence[Chunk]:
    """Return the chunks of the part, none of which may claim to belong elsewhere."""
    chunks = decode_part(data).chunks
    expected = (event.document_id, event.revision, event.part)
    for chunk in chunks:
        if (chunk.document_id, chunk.revision, chunk.part) != expected:
            raise UnreadableDocument(
                f"the parsed part in the store holds the chunk {chunk.chunk_id!r} of another part;"
                " reprocess the document",
                code="damaged_part",
            )
    return chunks


def _its_embedder(document: Document, catalog: Catalog, embedders: Embedders) -> Embedder:
    """Return the embedder that the document's collection is bound to; bind it if it is not yet."""
    bound = catalog.collections.get(document.collection_id)
    if bound is None or not bound.embedder_fingerprint:
        wanted = embedders.chosen(bound.settings.embedder if bound else None)
        bound = catalog.collections.bind_embedder(
            document.collection_id,
            name=wanted.name,
            fingerprint=wanted.fingerprint,
            dimensions=wanted.dimensions,
        )
    embedder = embedders.bound(
        bound.embedder_fingerprint, bound.dimensions, first=bound.settings.embedder
    )
    if embedder is None:
        raise PermanentError(
            f"the collection {bound.slug!r} was embedded with {bound.embedder!r}, which is not"
            " available any more: that model was removed, switched off or changed. Choose another"
            f" one for the collection and run `lectern reembed --collection {bound.slug}`, or set"
            " the model back (on the Models page, or LECTERN_EMBEDDER and LECTERN_EMBEDDING_MODEL)"
            " and try the document again",
            code="embedder_mismatch",
        )
    return embedder


def _rows(
    chunks: Sequence[Chunk],
    document: Document,
    *,
    catalog: Catalog,
    embedders: Embedders,
    index: CollectionIndex,
) -> list[ChunkRow]:
    """Return the rows of `chunks`; a text is embedded once, whatever its number of copies."""
    if not chunks:
        return []
    embedder = _its_embedder(document, catalog, embedders)
    texts = [
        embedded_text(chunk, max_tokens=embedder.max_tokens, count_tokens=embedder.count_tokens)
        for chunk in chunks
    ]
    digests = [vector_digest(text, fingerprint=embedder.fingerprint) for text in texts]
    by_digest = dict(zip(digests, texts, strict=True))
    vectors: dict[str, NDArray[np.float32]] = {}
    if by_digest:
        vectors.update(index.known_vectors(list(by_digest)))
    missing = [digest for digest in by_digest if digest not in vectors]
    if missing:
        fresh = embedder.embed_passages([by_digest[digest] for digest in missing])
        vectors.update(zip(missing, fresh, strict=True))
    telemetry.note(
        chunks=len(chunks),
        embedded=len(missing),
        reused=len(chunks) - len(missing),
        model=embedder.name,
    )
    return [
        ChunkRow(
            chunk=chunk,
            vector=vectors[digest],
            document_name=document.name,
            tags=document.tags,
            embedded_digest=digest,
        )
        for chunk, digest in zip(chunks, digests, strict=True)
    ]


def _require_abandoned(document: Document, abandoned_after_s: float) -> None:
    still_s = (datetime.now(UTC) - document.moved_at).total_seconds()
    if still_s < abandoned_after_s:
        raise Busy(
            f"the document {document.document_id!r} is complete and about to be announced",
            retry_after_s=math.ceil(abandoned_after_s - still_s),
        )


def _keep_up_with_tags(document: Document, catalog: Catalog, index: CollectionIndex) -> None:
    """Correct the rows when the tags were changed while the chunks were embedded."""
    current = catalog.documents.get(document.document_id)
    if current is not None and current.tags != document.tags:
        index.set_tags(document.document_id, current.tags)


def _announce(event: PartParsed, publisher: Publisher) -> None:
    publisher.publish(
        PartEmbedded(
            collection_id=event.collection_id,
            document_id=event.document_id,
            revision=event.revision,
            part=event.part,
            parts=event.parts,
        )
    )


def _complete(
    event: PartParsed, *, catalog: Catalog, index_of: IndexOf, publisher: Publisher
) -> None:
    """Make an `indexed` revision the only one that is found, announce it, and call it ready.

    The document is read again: its counts were not final before its last part was there.
    """
    document = catalog.documents.get(event.document_id)
    if (
        document is None
        or document.revision != event.revision
        or document.state is not DocumentState.INDEXED
    ):
        return
    index_of(document.collection_id).delete_document(
        document.document_id, before_revision=document.revision
    )
    publisher.publish(
        DocumentIndexed(
            collection_id=document.collection_id,
            document_id=document.document_id,
            revision=document.revision,
            pages=document.pages,
            chunks=document.chunks,
        )
    )
    catalog.documents.finish(document.document_id, document.revision)
    telemetry.note(indexed=True)


def _withdraw(event: PartParsed, index_of: IndexOf) -> None:
    """Remove what was or may have been written for a part that nobody wants any more."""
    telemetry.note(outcome="superseded")
    index_of(event.collection_id).replace_part(event.document_id, event.revision, event.part, ())
