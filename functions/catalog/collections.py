"""Collections: making, listing, embedding anew, removing."""

from functions.catalog.replies import collection_reply
from functions.catalog.service import announce, api, caller
from functions.catalog.setting_up import require_at_hand
from functions.catalog.wiring import Dependencies, dependencies
from lectern.api import CollectionList, CollectionReply, CollectionRequest, DeletionQuery
from lectern.catalog.records import Collection, Document
from lectern.documents import DocumentState, PartState
from lectern.events import PartParsed
from lectern.serving.http import read_body, read_query

_AREAS = ("uploads", "parsed", "figures")
_PAGE = 200


@api.route("GET", "/v1/collections", reply=CollectionList)
def list_collections() -> CollectionList:
    """List the collections the caller may read, by name."""
    access = caller()
    return CollectionList(
        collections=[
            collection_reply(collection, role)
            for collection, role in access.catalog.collections.readable(access.user)
        ]
    )


@api.route("POST", "/v1/collections", body=CollectionRequest, reply=CollectionReply, status=201)
def create_collection() -> CollectionReply:
    """Create a collection that belongs to the caller."""
    access = caller("write")
    asked = read_body(CollectionRequest)
    created = access.catalog.collections.create(asked.name, access.user.user_id)
    access.record("collection.created", created.collection_id)
    return collection_reply(created, "owner")


@api.route("GET", "/v1/collections/<collection>", reply=CollectionReply)
def get_collection(collection: str) -> CollectionReply:
    """Return a collection by id or slug."""
    access = caller()
    found = access.collection(collection)
    return collection_reply(found, access.role_in(found.collection_id))


@api.route("DELETE", "/v1/collections/<collection>", query=DeletionQuery, status=204)
def delete_collection(collection: str) -> None:
    """Remove a collection of the caller's: an empty one, or with `force` all it holds as well."""
    access = caller()
    found = access.collection(collection, role="owner")
    needs = dependencies()
    if read_query(DeletionQuery).force:
        _remove_content(needs, found)
    needs.catalog.collections.delete(found.collection_id)
    access.record("collection.deleted", found.collection_id)


@api.route("POST", "/v1/collections/<collection>/reembed", reply=CollectionReply, status=202)
def reembed_collection(collection: str) -> CollectionReply:
    """Embed every document of the collection anew, with the embedder it is set to now.

    Nothing of it can be found until its documents are ready again. Safe to repeat. Refused when
    that embedder is not at hand: what is there stays as it is.
    """
    access = caller()
    found = access.collection(collection, role="owner")
    needs = dependencies()
    require_at_hand(found.settings.embedder, needs.known_models())
    documents = needs.catalog.documents.begin_reembedding(found.collection_id)
    needs.catalog.collections.unbind_embedder(found.collection_id)
    needs.index_of(found.collection_id).drop()
    for document in documents:
        _announce_parts(needs, document)
    access.record("collection.reembedded", found.collection_id, documents=str(len(documents)))
    unbound = needs.catalog.collections.get(found.collection_id) or found
    return collection_reply(unbound, "owner")


def _announce_parts(needs: Dependencies, document: Document) -> None:
    for part in needs.catalog.documents.parts(document.document_id, document.revision):
        if part.state is PartState.PARSED:
            announce(
                PartParsed(
                    collection_id=document.collection_id,
                    document_id=document.document_id,
                    revision=document.revision,
                    part=part.part,
                    parts=document.parts,
                    chunks_key=part.chunks_key,
                    chunk_count=part.chunk_count,
                )
            )


def _remove_content(needs: Dependencies, collection: Collection) -> None:
    """Remove all documents. First they begin to be deleted: no stage goes on with them then.

    What a crash leaves behind are documents in state `deleting`, which the sweeper removes.
    """
    documents = needs.catalog.documents
    doomed = []
    cursor = ""
    while True:
        page, cursor = documents.list(
            collection.collection_id,
            limit=_PAGE,
            cursor=cursor,
            states=list(DocumentState),
            trashed=None,
        )
        for document in page:
            documents.request_deletion(document.document_id)
            doomed.append(document.document_id)
        if not cursor:
            break
    for area in _AREAS:
        needs.store.delete_prefix(f"{area}/{collection.collection_id}/")
    needs.index_of(collection.collection_id).drop()
    for document_id in doomed:
        documents.forget(document_id)
