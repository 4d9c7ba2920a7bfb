"""Rights in collections and the trash: what `Collections` and `Documents` promise of them."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import event, text

from lectern.catalog import migrate, open_catalog
from lectern.catalog.database import Database
from lectern.catalog.migrating import downgrade, upgrade
from lectern.catalog.port import Catalog
from lectern.catalog.records import Collection, Failure, Grant, PartPlan, Reservation, User
from lectern.documents import DocumentState, new_id
from lectern.errors import Busy, InvalidRequest, NotFound
from lectern.settings import Settings
from tests.postgres import new_database

BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
EVERYONE = Grant("everyone", "viewer")


@pytest.fixture(scope="module", params=BACKENDS)
def catalog(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
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
def owner(catalog: Catalog) -> User:
    return person(catalog)


@pytest.fixture
def collection(catalog: Catalog, owner: User) -> Collection:
    return catalog.collections.create(f"shelf {new_id()}", owner.user_id)


def person(catalog: Catalog, *, is_admin: bool = False) -> User:
    return catalog.people.create_user(f"user-{new_id()}", is_admin=is_admin)


def group_of(catalog: Catalog, *members: User) -> str:
    group_id = catalog.groups.create(f"group {new_id()}").group_id
    for member in members:
        catalog.groups.add(group_id, member.user_id)
    return group_id


def stored(catalog: Catalog, collection: Collection, name: str = "a.pdf", **options: Any) -> str:
    reserved = catalog.documents.reserve(
        collection.collection_id, collection.owner_id, name, **options
    )
    confirm(catalog, reserved, sha256=new_id())
    return reserved.document_id


def confirm(catalog: Catalog, reserved: Reservation, *, sha256: str) -> Any:
    return catalog.documents.confirm(
        reserved.document_id, reserved.revision, size_bytes=1, sha256=sha256
    )


@pytest.mark.parametrize(
    ("grants", "role"),
    [
        pytest.param((), None, id="nothing"),
        pytest.param(("everyone",), "viewer", id="everyone"),
        pytest.param(("group viewer",), "viewer", id="group"),
        pytest.param(("user viewer", "group editor", "everyone"), "editor", id="group is higher"),
        pytest.param(("user editor", "group viewer"), "editor", id="own is higher"),
        pytest.param(("group viewer", "other group editor"), "editor", id="best of the groups"),
    ],
)
def test_the_highest_of_all_rights_counts(
    catalog: Catalog, collection: Collection, grants: tuple[str, ...], role: str | None
) -> None:
    user, here = person(catalog), collection.collection_id
    known = {
        "everyone": EVERYONE,
        "user viewer": Grant("user", "viewer", user.user_id),
        "user editor": Grant("user", "editor", user.user_id),
        "group viewer": Grant("group", "viewer", group_of(catalog, user)),
        "group editor": Grant("group", "editor", group_of(catalog, user)),
        "other group editor": Grant("group", "editor", group_of(catalog, user)),
    }

    catalog.collections.set_grants(here, [known[name] for name in grants])

    reached = (collection, role) if role else None
    document_id = stored(catalog, collection)
    assert catalog.collections.role_of(user, here) == role
    assert catalog.collections.reach(user, here) == reached
    assert catalog.collections.reach(user, collection.slug) == reached
    assert catalog.collections.role_on_document(user, document_id) == role
    assert [found for found in catalog.collections.readable(user) if found[0] == collection] == (
        [reached] if reached else []
    )
    catalog.collections.set_grants(here, [])


def test_owner_and_administrator_need_no_grant(
    catalog: Catalog, collection: Collection, owner: User
) -> None:
    administrator, stranger = person(catalog, is_admin=True), person(catalog)
    document_id = stored(catalog, collection)

    for user, role in ((owner, "owner"), (administrator, "owner"), (stranger, None)):
        assert catalog.collections.role_of(user, collection.collection_id) == role
        assert catalog.collections.role_on_document(user, document_id) == role
    assert catalog.collections.reach(administrator, "gone") is None
    assert catalog.collections.role_on_document(administrator, "gone") is None


def test_who_leaves_a_group_or_whose_group_goes_has_its_rights_no_more(
    catalog: Catalog, collection: Collection
) -> None:
    leaving, staying = person(catalog), person(catalog)
    group_id = group_of(catalog, leaving, staying)
    here = collection.collection_id
    catalog.collections.set_grants(here, [Grant("group", "viewer", group_id)])

    catalog.groups.remove(group_id, leaving.user_id)

    assert catalog.collections.role_of(leaving, here) is None
    assert catalog.collections.role_of(staying, here) == "viewer"
    catalog.groups.delete(group_id)
    assert catalog.collections.role_of(staying, here) is None
    assert catalog.collections.grants(here) == []


def test_grants_are_replaced_as_a_whole_and_listed_in_order(
    catalog: Catalog, collection: Collection
) -> None:
    first, second = sorted((person(catalog), person(catalog)), key=lambda user: user.name)
    group_id = group_of(catalog)
    here = collection.collection_id
    catalog.collections.set_grants(here, [Grant("user", "editor", first.user_id)])

    catalog.collections.set_grants(
        here,
        [EVERYONE, Grant("group", "editor", group_id), Grant("user", "viewer", second.user_id)],
    )

    assert [(g.kind, g.role, g.grantee_id) for g in catalog.collections.grants(here)] == [
        ("user", "viewer", second.user_id),
        ("group", "editor", group_id),
        ("everyone", "viewer", ""),
    ]
    assert catalog.collections.grants(here)[0].name == second.name


@pytest.mark.parametrize("kind", ["user", "group"])
def test_nobody_can_be_given_a_right_who_is_not_there(
    catalog: Catalog, collection: Collection, kind: Any
) -> None:
    here = collection.collection_id
    catalog.collections.set_grants(here, [EVERYONE])

    with pytest.raises(InvalidRequest, match="nobody"):
        catalog.collections.set_grants(here, [Grant(kind, "viewer", "nobody")])
    with pytest.raises(InvalidRequest, match="twice"):
        catalog.collections.set_grants(here, [EVERYONE, EVERYONE])
    with pytest.raises(NotFound):
        catalog.collections.set_grants("gone", [])

    assert catalog.collections.grants(here) == [EVERYONE]


@pytest.mark.parametrize("gone", ["user", "collection"])
def test_a_grant_raced_by_a_deletion_leaves_no_grant(
    catalog: Catalog, owner: User, gone: str
) -> None:
    for _ in range(5):
        raced = catalog.collections.create(f"raced {new_id()}", owner.user_id)
        user = person(catalog)
        deletions: dict[str, Callable[[], object]] = {
            "user": lambda user=user: catalog.accounts.delete(user.user_id),
            "collection": lambda raced=raced: catalog.collections.delete(raced.collection_id),
        }
        grants = [Grant("user", "viewer", user.user_id)]

        at_once(
            deletions[gone],
            lambda raced=raced, grants=grants: catalog.collections.set_grants(
                raced.collection_id, grants
            ),
        )

        assert catalog.collections.grants(raced.collection_id) == []
        assert catalog.collections.role_of(user, raced.collection_id) is None


def test_a_collection_gets_another_owner_and_keeps_the_first_as_editor(
    catalog: Catalog, collection: Collection, owner: User
) -> None:
    heir, here = person(catalog), collection.collection_id
    catalog.collections.set_grants(here, [Grant("user", "viewer", heir.user_id)])

    catalog.collections.transfer(here, heir.user_id)
    moved = catalog.collections.transfer(here, heir.user_id)

    assert moved.owner_id == heir.user_id
    assert catalog.collections.role_of(heir, here) == "owner"
    assert catalog.collections.role_of(owner, here) == "editor"
    assert [g.grantee_id for g in catalog.collections.grants(here)] == [owner.user_id]


def test_a_collection_given_away_gets_another_name_beside_one_of_its_name(
    catalog: Catalog, collection: Collection
) -> None:
    heir = person(catalog)
    catalog.collections.create(collection.name, heir.user_id)

    given = catalog.collections.transfer(collection.collection_id, heir.user_id)

    assert (given.owner_id, given.name) == (heir.user_id, f"{collection.name} (2)")


def test_a_collection_is_not_given_to_nobody(
    catalog: Catalog, collection: Collection, owner: User
) -> None:
    with pytest.raises(InvalidRequest, match="nobody"):
        catalog.collections.transfer(collection.collection_id, "nobody")

    assert catalog.collections.role_of(owner, collection.collection_id) == "owner"


def test_a_renamed_collection_keeps_its_slug(catalog: Catalog, collection: Collection) -> None:
    taken = catalog.collections.create(f"taken {new_id()}", collection.owner_id)

    renamed = catalog.collections.rename(collection.collection_id, " cafe\u0301 ")
    with pytest.raises(InvalidRequest, match="choose another name"):
        catalog.collections.rename(collection.collection_id, taken.name)
    with pytest.raises(InvalidRequest, match="needs a name"):
        catalog.collections.rename(collection.collection_id, " ")

    assert (renamed.name, renamed.slug) == ("caf\u00e9", collection.slug)


def test_settings_change_field_by_field(catalog: Catalog, collection: Collection) -> None:
    change = catalog.collections.change_settings
    here = collection.collection_id

    change(here, {"chunk_tokens": 64, "prompt": "Be\0 brief."})
    changed = change(here, {"chunk_tokens": None, "language": "ko"}).settings

    assert (changed.chunk_tokens, changed.language, changed.prompt) == (
        None,
        "ko",
        "Be\ufffd brief.",
    )
    found = catalog.collections.get(here)
    assert found is not None
    assert found.settings == changed


@pytest.mark.parametrize("field", [{"colour": "red"}, {"chunk_tokens": 1}, {"language": "xx"}])
def test_settings_that_do_not_exist_or_fit_are_refused(
    catalog: Catalog, collection: Collection, field: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRequest, match=next(iter(field))):
        catalog.collections.change_settings(collection.collection_id, field)


def test_people_and_groups_to_share_with_are_found_by_a_part_of_their_name(
    catalog: Catalog,
) -> None:
    mark = new_id()
    user = catalog.people.create_user(f"Ada-{mark}")
    group = catalog.groups.create(f"Readers {mark}")

    found = catalog.collections.grantees(mark.upper(), limit=10)

    assert [(each.kind, each.grantee_id, each.name) for each in found] == [
        ("user", user.user_id, user.name),
        ("group", group.group_id, group.name),
    ]
    assert catalog.collections.grantees("%", limit=10) == []


def test_the_trash_hides_a_document_and_gives_it_back_as_it_was(
    catalog: Catalog, collection: Collection
) -> None:
    documents, here = catalog.documents, collection.collection_id
    document_id = stored(catalog, collection, tags=["kept"])
    before = documents.get(document_id)
    assert before is not None

    trashed = documents.trash(document_id, undo_s=60)
    again = documents.trash(document_id, undo_s=6000)

    assert trashed is not None
    assert again is not None
    assert again.trashed_until == trashed.trashed_until
    assert documents.list(here) == ([], "")
    assert documents.find(here, "a.pdf") is None
    assert documents.matching(here) == []
    assert documents.current_revisions([document_id]) == {}
    assert [d.document_id for d in documents.list(here, trashed=True)[0]] == [document_id]
    assert documents.empty_trash() == []
    with pytest.raises(NotFound):
        documents.reserve_again(document_id)
    assert documents.restore(document_id) == before
    assert documents.restore(document_id) == before
    assert documents.matching(here) == [document_id]


def test_work_goes_on_in_the_trash(catalog: Catalog, collection: Collection) -> None:
    documents = catalog.documents
    document_id = stored(catalog, collection)
    documents.trash(document_id, undo_s=60)

    documents.begin_parsing(document_id, 1)
    documents.plan_parts(document_id, 1, [PartPlan(1, 1, 1, "key", 1)], pages=1)
    assert documents.part_embedded(document_id, 1, 1)
    documents.finish(document_id, 1)

    assert documents.restore(document_id).state is DocumentState.READY


def test_a_name_is_free_while_its_document_is_in_the_trash(
    catalog: Catalog, collection: Collection
) -> None:
    documents = catalog.documents
    old = stored(catalog, collection)
    documents.trash(old, undo_s=60)

    new = stored(catalog, collection)

    assert new != old
    with pytest.raises(InvalidRequest, match="has its name now"):
        documents.restore(old)
    documents.trash(new, undo_s=60)
    assert documents.restore(old).document_id == old
    with pytest.raises(Busy):
        documents.reserve(collection.collection_id, collection.owner_id, "b.pdf", document_id=new)


def test_what_was_long_enough_in_the_trash_is_deleted_once(
    catalog: Catalog, collection: Collection
) -> None:
    documents = catalog.documents
    due, waiting = stored(catalog, collection, "due"), stored(catalog, collection, "waiting")
    documents.trash(due, undo_s=0)
    documents.trash(waiting, undo_s=60)

    emptied = [each for _ in range(2) for each in documents.empty_trash()]

    assert [each.document_id for each in emptied] == [due]
    assert emptied[0].state is DocumentState.DELETING
    with pytest.raises(NotFound):
        documents.restore(due)
    assert due in {each.document_id for each in documents.unmoved(older_than_s=0)}
    assert documents.restore(waiting).trashed_until is None


def test_restoring_and_emptying_at_once_have_one_winner(
    catalog: Catalog, collection: Collection
) -> None:
    documents = catalog.documents
    for number in range(6):
        document_id = stored(catalog, collection, f"{number}")
        documents.trash(document_id, undo_s=0)

        restored, emptied = at_once(
            lambda d=document_id: documents.restore(d), documents.empty_trash
        )

        deleted = [] if isinstance(emptied, Exception) else [d.document_id for d in emptied]
        assert isinstance(restored, NotFound) == (deleted == [document_id])


def test_bytes_known_under_another_name_make_no_new_document(
    catalog: Catalog, collection: Collection
) -> None:
    documents, sha256 = catalog.documents, new_id()
    here, by = collection.collection_id, collection.owner_id
    first = documents.reserve(here, by, "first", allow_copy=False)
    confirm(catalog, first, sha256=sha256)

    second = documents.reserve(here, by, "second", allow_copy=False)
    registration = confirm(catalog, second, sha256=sha256)

    assert registration.duplicate
    assert registration.under_another_name
    assert registration.document.document_id == first.document_id
    assert documents.get(second.document_id) is None
    known = documents.known_as(second.document_id)
    assert known is not None
    assert known.document_id == first.document_id
    assert documents.known_as(first.document_id) is None


@pytest.mark.parametrize("why", ["allowed", "failed", "trashed", "elsewhere", "new revision"])
def test_known_bytes_are_stored_all_the_same(
    catalog: Catalog, collection: Collection, why: str
) -> None:
    documents, sha256, by = catalog.documents, new_id(), collection.owner_id
    here = collection.collection_id
    first = documents.reserve(here, by, "first")
    confirm(catalog, first, sha256=sha256)
    if why == "failed":
        documents.fail(first.document_id, 1, Failure("parse", "unreadable", "it is damaged"))
    if why == "trashed":
        documents.trash(first.document_id, undo_s=60)
    if why == "elsewhere":
        here = catalog.collections.create(f"other {new_id()}", by).collection_id
    if why == "new revision":
        confirm(catalog, documents.reserve(here, by, "second"), sha256="other")

    second = documents.reserve(here, by, "second", allow_copy=why == "allowed")
    registration = confirm(catalog, second, sha256=sha256)

    assert not registration.duplicate
    assert registration.document.document_id == second.document_id


def test_of_uploads_of_the_same_bytes_at_once_one_is_stored(
    catalog: Catalog, collection: Collection
) -> None:
    sha256 = new_id()
    reserved = [
        catalog.documents.reserve(
            collection.collection_id, collection.owner_id, f"{number}", allow_copy=False
        )
        for number in range(4)
    ]

    at_once(*(lambda r=r: confirm(catalog, r, sha256=sha256) for r in reserved))

    found, _ = catalog.documents.list(collection.collection_id)
    assert len(found) == 1


def test_tags_and_metadata_are_edited_together(catalog: Catalog, collection: Collection) -> None:
    document_id = stored(catalog, collection, tags=["a", "b"], metadata={"x": "1", "y": "2"})

    edited = catalog.documents.edit(
        document_id, add_tags=["c", "a"], remove_tags=["b"], metadata={"x": None, "z": "3"}
    )

    assert edited is not None
    assert (edited.tags, edited.metadata) == (("a", "c"), {"y": "2", "z": "3"})
    assert catalog.documents.edit("gone", tags=["a"]) is None
    with pytest.raises(InvalidRequest, match="at most 100 fields"):
        catalog.documents.edit(document_id, metadata={f"{n}": "" for n in range(101)})


def test_a_question_about_rights_is_one_query(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    migrate(settings)
    catalog: Any = open_catalog(settings)
    user = person(catalog)
    here = catalog.collections.create("here", user.user_id)
    asked: list[str] = []
    event.listen(
        catalog.database.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: asked.append(statement),
    )

    for question in (
        lambda: catalog.collections.role_of(user, here.collection_id),
        lambda: catalog.collections.reach(user, here.slug),
        lambda: catalog.collections.role_on_document(user, "gone"),
        lambda: catalog.collections.visible_to(user),
    ):
        asked.clear()
        question()
        assert len([each for each in asked if each.startswith("SELECT")]) == 1
    asked.clear()
    catalog.collections.reach(user, "gone")
    assert len([each for each in asked if each.startswith("SELECT")]) == 2, "by address, by name"
    catalog.close()


@pytest.mark.parametrize("backend", BACKENDS)
def test_members_of_before_become_grants_and_back(
    request: pytest.FixtureRequest, tmp_path: Path, backend: str
) -> None:
    if backend == "sqlite":
        migrates_members(f"sqlite:///{tmp_path / 'catalog.db'}")
        return
    with new_database(request.getfixturevalue("postgres")) as url:
        migrates_members(url)


def migrates_members(url: str) -> None:
    upgrade(url, target="0002")
    database = Database(url)
    rows = (
        (
            "INSERT INTO users (user_id, name, is_admin, created_at)"
            " VALUES ('u1', 'ann', false, '2026-01-01'), ('u2', 'bob', false, '2026-01-01')"
        ),
        (
            "INSERT INTO collections (collection_id, slug, name, owner_id, created_at)"
            " VALUES ('c1', 'c', 'c', 'u1', '2026-01-01')"
        ),
        "INSERT INTO members (collection_id, user_id, role) VALUES ('c1', 'u2', 'editor')",
    )
    database.write(lambda connection: [connection.execute(text(row)) for row in rows])

    def all_of(table: str) -> list[Any]:
        query = text(f"SELECT collection_id, user_id, role FROM {table}")  # noqa: S608
        return database.read(lambda connection: list(map(tuple, connection.execute(query))))

    upgrade(url)
    assert all_of("grants") == [("c1", "u2", "editor")]

    downgrade(url, target="0002")
    assert all_of("members") == [("c1", "u2", "editor")]
    database.close()


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Run the actions at the same moment; return what each returned or raised."""
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return action()
        except (NotFound, InvalidRequest) as error:
            return error

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))
