"""Listings of documents on both databases: their order, their pages, and the tags in them."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, get_args

import pytest
from pydantic import SecretStr

from lectern.catalog import migrate, open_catalog
from lectern.catalog.pages import cursor_of
from lectern.catalog.port import Catalog
from lectern.catalog.records import Collection, Document, Failure
from lectern.cli.documents import SORT_KEYS
from lectern.documents import DocumentSort, DocumentState, new_id
from lectern.errors import InvalidRequest
from lectern.settings import Settings
from tests.postgres import BACKENDS, new_database

SORTS: tuple[DocumentSort, ...] = get_args(DocumentSort)


@pytest.fixture(scope="module", params=BACKENDS)
def catalog(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Catalog]:
    home = tmp_path_factory.mktemp("home")
    if request.param == "sqlite":
        yield from opened(Settings(home=home))
        return
    with new_database(request.getfixturevalue("postgres")) as url:
        yield from opened(Settings(home=home, database_url=SecretStr(url)))


def opened(settings: Settings) -> Iterator[Catalog]:
    migrate(settings)
    catalog = open_catalog(settings)
    yield catalog
    catalog.close()


@pytest.fixture
def collection(catalog: Catalog) -> Collection:
    return shelf(catalog)


@pytest.fixture(scope="module")
def full(catalog: Catalog) -> Collection:
    """A collection with ties in all but the times."""
    made = shelf(catalog)
    for number in range(7):
        document_id = store(
            catalog,
            made,
            f"{'Report' if number % 2 else 'report'} {number // 2}.pdf"
            if number < 6
            else "휴가.pdf",
            size_bytes=number // 3,
            allow_copy=True,
        )
        if number % 3 == 0:
            catalog.documents.fail(document_id, 1, Failure("parse", "damaged", "no end"))
        elif number % 3 == 1:
            catalog.documents.begin_parsing(document_id, 1)
            catalog.documents.plan_parts(document_id, 1, [], pages=number)
    return made


def shelf(catalog: Catalog) -> Collection:
    owner = catalog.people.create_user(f"user-{new_id()}")
    return catalog.collections.create(f"shelf {new_id()}", owner.user_id)


def store(
    catalog: Catalog, collection: Collection, name: str, *, size_bytes: int = 1, **options: Any
) -> str:
    reserved = catalog.documents.reserve(
        collection.collection_id, collection.owner_id, name, **options
    )
    catalog.documents.confirm(
        reserved.document_id, reserved.revision, size_bytes=size_bytes, sha256=new_id()
    )
    return reserved.document_id


def key_of(document: Document, sort: str) -> Any:
    places = list(DocumentState)
    return {
        "name": document.name.casefold(),
        "created": document.created_at,
        "updated": document.moved_at,
        "size": document.size_bytes,
        "pages": document.pages,
        "state": places.index(document.state),
    }[sort.removeprefix("-")]


@pytest.mark.parametrize("sort", SORTS)
def test_pages_in_any_order_cover_every_document_once(
    catalog: Catalog, full: Collection, sort: DocumentSort
) -> None:
    pages: list[Sequence[Document]] = []
    cursor = ""
    while not pages or cursor:
        page, cursor = catalog.documents.list(full.collection_id, limit=2, cursor=cursor, sort=sort)
        pages.append(page)

    found = [document for page in pages for document in page]
    expected = sorted(
        catalog.documents.list(full.collection_id)[0],
        key=lambda document: (key_of(document, sort), document.document_id),
        reverse=sort.startswith("-"),
    )
    assert [len(page) for page in pages] == [2, 2, 2, 1]
    assert [each.name for each in found] == [each.name for each in expected]


@pytest.mark.parametrize("sort", ["name", "-name", "size", "-size", "-created"])
def test_what_comes_and_goes_between_pages_neither_repeats_nor_hides_the_rest(
    catalog: Catalog, collection: Collection, sort: DocumentSort
) -> None:
    stays = {store(catalog, collection, f"{n}.txt", size_bytes=n // 4) for n in range(12)}
    chance = random.Random(7)  # noqa: S311 - the same turns each time
    seen: list[str] = []
    cursor = ""

    for turn in range(30):
        page, cursor = catalog.documents.list(
            collection.collection_id, limit=2, cursor=cursor, sort=sort
        )
        seen += [document.document_id for document in page]
        if not cursor:
            break
        store(
            catalog,
            collection,
            f"{chance.randrange(12)} new {turn}.txt",
            size_bytes=chance.randrange(4),
        )
        catalog.documents.trash(page[-1].document_id, undo_s=60)

    assert len(seen) == len(set(seen))
    assert stays <= set(seen)
    assert cursor == ""


def test_names_are_ordered_alike_on_every_database(
    catalog: Catalog, collection: Collection
) -> None:
    for name in ("나.txt", "b-2.txt", "가.txt", "B 1.txt", "_a.txt", "é.txt", "a.txt"):
        store(catalog, collection, name)

    found, _ = catalog.documents.list(collection.collection_id, sort="name")

    assert [each.name for each in found] == [
        "_a.txt", "a.txt", "B 1.txt", "b-2.txt", "é.txt", "가.txt", "나.txt"
    ]  # fmt: skip


def test_a_cursor_counts_for_its_own_order_only(catalog: Catalog, full: Collection) -> None:
    _, cursor = catalog.documents.list(full.collection_id, limit=2, sort="name")

    with pytest.raises(InvalidRequest, match=r"'name'.*'-name'"):
        catalog.documents.list(full.collection_id, cursor=cursor, sort="-name")


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        pytest.param("size", 2**63, id="larger than any database counts"),
        pytest.param("size", True, id="no number"),
        pytest.param("size", "9", id="a number as text"),
        pytest.param("name", "a\0b", id="a character no database holds"),
        pytest.param("created", "2026-01-01T00:00:00", id="a time of no zone"),
    ],
)
def test_a_made_up_cursor_is_refused(
    catalog: Catalog, full: Collection, sort: DocumentSort, value: Any
) -> None:
    with pytest.raises(InvalidRequest, match="leave it out"):
        catalog.documents.list(
            full.collection_id, sort=sort, cursor=cursor_of((sort, value, "nothing"))
        )


def test_the_tags_of_a_collection_are_counted_the_most_used_first(
    catalog: Catalog, collection: Collection
) -> None:
    here = collection.collection_id
    store(catalog, collection, "a.txt", tags=["travel", "2026"])
    store(catalog, collection, "b.txt", tags=["휴가", "2026"])
    store(catalog, shelf(catalog), "c.txt", tags=["elsewhere"])
    gone = store(catalog, collection, "d.txt", tags=["trashed", "travel", "travel 2"])

    assert catalog.documents.tags(here, limit=2) == [("2026", 2), ("travel", 2)]

    catalog.documents.trash(gone, undo_s=60)

    assert catalog.documents.tags(here, limit=9) == [("2026", 2), ("travel", 1), ("휴가", 1)]


def test_the_command_line_knows_every_order() -> None:
    assert set(SORTS) == {*SORT_KEYS, *(f"-{key}" for key in SORT_KEYS)}
