"""What a search asks of the catalog before and after it looked into the index."""

from datetime import UTC, datetime, timedelta

import pytest

from lectern.catalog.port import Catalog
from lectern.catalog.records import Collection, Failure, PartPlan


@pytest.fixture
def catalog(empty_catalog: Catalog) -> Catalog:
    return empty_catalog


@pytest.fixture
def collection(catalog: Catalog) -> Collection:
    owner = catalog.people.ensure_owner("owner")
    return catalog.collections.create("Papers", owner.user_id)


def add(catalog: Catalog, collection: Collection, name: str, kind: str, **metadata: str) -> str:
    reserved = catalog.documents.reserve(
        collection.collection_id,
        collection.owner_id,
        name,
        content_type=kind,
        metadata=metadata,
    )
    catalog.documents.confirm(reserved.document_id, reserved.revision, size_bytes=1, sha256=name)
    return reserved.document_id


def test_documents_are_matched_by_metadata_type_and_time(
    catalog: Catalog, collection: Collection
) -> None:
    pdf = add(catalog, collection, "a.pdf", "application/pdf", year="2024", team='it\'s "x"')
    text = add(catalog, collection, "b.txt", "text/plain", year="2024")
    now = datetime.now(UTC)

    def matching(**conditions: object) -> set[str]:
        return set(catalog.documents.matching(collection.collection_id, **conditions))

    assert matching() == {pdf, text}
    assert matching(metadata={"year": "2024"}) == {pdf, text}
    assert matching(metadata={"year": "2024", "team": 'it\'s "x"'}) == {pdf}
    assert matching(content_types=["text/plain"]) == {text}
    assert matching(uploaded_after=now - timedelta(hours=1)) == {pdf, text}
    assert matching(uploaded_before=now - timedelta(hours=1)) == set()
    assert catalog.documents.matching("no such collection") == []


def test_deleted_documents_have_no_current_revision(
    catalog: Catalog, collection: Collection
) -> None:
    kept = add(catalog, collection, "a.pdf", "application/pdf")
    gone = add(catalog, collection, "b.pdf", "application/pdf")
    catalog.documents.request_deletion(gone)

    assert catalog.documents.current_revisions([kept, gone, "unknown"]) == {kept: 1}
    assert catalog.documents.matching(collection.collection_id) == [kept]
    assert catalog.documents.current_revisions([]) == {}


def test_the_old_revision_is_found_until_the_new_one_is_complete(
    catalog: Catalog, collection: Collection
) -> None:
    documents = catalog.documents
    document = add(catalog, collection, "a.pdf", "application/pdf")
    plan = [PartPlan(n, n, n, chunks_key=f"part-{n}", chunk_count=1) for n in (1, 2)]

    def embed(revision: int, part: int) -> None:
        documents.part_embedded(document, revision, part)

    documents.plan_parts(document, 1, plan, pages=2)
    embed(1, 1)
    assert documents.current_revisions([document]) == {document: 1}, "its first pages are found"
    embed(1, 2)
    reserved = documents.reserve(collection.collection_id, collection.owner_id, "a.pdf")
    documents.confirm(document, reserved.revision, size_bytes=2, sha256="other")
    documents.plan_parts(document, 2, plan, pages=2)
    embed(2, 1)
    assert documents.current_revisions([document]) == {document: 1}, "the old one is complete"
    embed(2, 2)
    assert documents.current_revisions([document]) == {document: 2}


def test_documents_that_are_being_read_are_counted_until_they_are_there(
    catalog: Catalog, collection: Collection
) -> None:
    documents, shelf = catalog.documents, [collection.collection_id]
    first = add(catalog, collection, "a.pdf", "application/pdf")
    second = add(catalog, collection, "b.pdf", "application/pdf")
    binned = add(catalog, collection, "c.pdf", "application/pdf")
    documents.reserve(collection.collection_id, collection.owner_id, "awaited.pdf")
    documents.trash(binned, undo_s=60)

    assert documents.unread(shelf) == 2
    assert documents.unread(shelf, document_ids=[first]) == 1
    assert documents.unread(["another"]) == documents.unread([]) == 0
    documents.plan_parts(first, 1, [PartPlan(1, 1, 1, chunks_key="k", chunk_count=1)], pages=1)
    documents.part_embedded(first, 1, 1)
    documents.fail(second, 1, Failure("parse", "unreadable", "damaged"))
    assert documents.unread(shelf) == 0
