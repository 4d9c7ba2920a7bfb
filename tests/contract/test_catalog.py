"""The promises of `lectern.catalog.port`, on SQLite and on PostgreSQL."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from lectern.catalog import migrate, open_catalog
from lectern.catalog.port import Catalog, Documents
from lectern.catalog.records import Collection, Failure, Grant, PartPlan, Reservation, User
from lectern.documents import DocumentState, new_id, slug
from lectern.errors import Busy, InvalidRequest, NotFound
from lectern.settings import Settings
from tests.postgres import BACKENDS, settings_of

T = TypeVar("T")
FAILURE = Failure(stage="parse", code="unreadable", detail="it is damaged; export it again")


@pytest.fixture(scope="module", params=BACKENDS)
def settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A migrated database that the tests of this module share."""
    with settings_of(request.param, request, tmp_path_factory.mktemp("home")) as settings:
        migrate(settings)
        yield settings


@pytest.fixture(scope="module")
def catalog(settings: Settings) -> Iterator[Catalog]:
    catalog = open_catalog(settings)
    yield catalog
    catalog.close()


@pytest.fixture
def documents(catalog: Catalog) -> Documents:
    return catalog.documents


@pytest.fixture
def user(catalog: Catalog) -> User:
    return catalog.people.create_user(f"user {new_id()}")


@dataclass(frozen=True)
class Shelf:
    """A collection with short ways to get a document into a state."""

    documents: Documents
    collection: Collection

    def reserve(self, name: str = "a.pdf", **options: Any) -> Reservation:
        return self.documents.reserve(
            self.collection.collection_id, self.collection.owner_id, name, **options
        )

    def upload(self, name: str = "a.pdf", sha256: str = "", **options: Any) -> Reservation:
        reserved = self.reserve(name, **options)
        self.confirm(reserved, sha256=sha256 or new_id())
        return reserved

    def confirm(self, reserved: Reservation, *, sha256: str = "aa") -> Any:
        return self.documents.confirm(
            reserved.document_id, reserved.revision, size_bytes=3, sha256=sha256
        )

    def planned(self, parts: int, name: str = "a.pdf", *, parsed: bool = True) -> Reservation:
        reserved = self.upload(name)
        self.documents.begin_parsing(reserved.document_id, reserved.revision)
        self.documents.plan_parts(
            reserved.document_id, reserved.revision, plans(parts, parsed=parsed), pages=parts
        )
        return reserved

    def ready(self, parts: int = 1, name: str = "a.pdf") -> Reservation:
        reserved = self.planned(parts, name)
        for part in range(1, parts + 1):
            self.documents.part_embedded(reserved.document_id, reserved.revision, part)
        assert self.documents.finish(reserved.document_id, reserved.revision)
        return reserved

    def state(self, reserved: Reservation) -> DocumentState:
        found = self.documents.get(reserved.document_id)
        assert found is not None
        return found.state


@pytest.fixture
def shelf(catalog: Catalog, user: User) -> Shelf:
    return Shelf(catalog.documents, catalog.collections.create("papers", user.user_id))


def plans(parts: int, *, parsed: bool = True) -> list[PartPlan]:
    return [
        PartPlan(n, n, n, chunks_key=f"part-{n}" if parsed else "", chunk_count=2 if parsed else 0)
        for n in range(1, parts + 1)
    ]


def at_once(actions: Sequence[Callable[[], T]]) -> list[T]:
    """Return what the actions return when every one begins at the same moment."""
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], T]) -> T:
        gate.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result() for future in [pool.submit(run, a) for a in actions]]


def holder(catalog: Catalog, secret: str) -> User | None:
    principal = catalog.sessions.principal_of(secret)
    return principal.user if principal else None


# --- people -----------------------------------------------------------------------------------


def test_the_first_owner_is_created_once_however_many_ask_at_once(empty_catalog: Catalog) -> None:
    owners = at_once([lambda: empty_catalog.people.ensure_owner("me")] * 6)

    assert len(set(owners)) == 1
    assert owners[0].is_admin
    assert empty_catalog.people.ensure_owner("another") == owners[0]


def test_a_user_name_is_given_once(catalog: Catalog, user: User) -> None:
    with pytest.raises(InvalidRequest, match="choose another name"):
        catalog.people.create_user(user.name)

    assert user in catalog.people.users()


def test_a_token_finds_its_user_and_its_secret_is_not_stored(
    catalog: Catalog, user: User, settings: Settings
) -> None:
    token, secret = catalog.people.create_token(user.user_id, "laptop")

    assert secret.startswith("lct_")
    assert len(secret) == len("lct_") + 160 / 5
    assert holder(catalog, secret) == user
    assert holder(catalog, secret + "x") is None
    assert [t.token_id for t in catalog.people.tokens(user.user_id)] == [token.token_id]
    database = settings.home / "catalog.db"
    assert not database.exists() or secret.encode() not in database.read_bytes()


def test_the_use_of_a_token_is_noted_at_most_once_a_minute(catalog: Catalog, user: User) -> None:
    _, secret = catalog.people.create_token(user.user_id, "laptop")
    holder(catalog, secret)
    first = catalog.people.tokens(user.user_id)[0].last_used_at

    holder(catalog, secret)

    assert first is not None
    assert catalog.people.tokens(user.user_id)[0].last_used_at == first


def test_an_expired_or_revoked_token_finds_nobody(catalog: Catalog, user: User) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    _, expired = catalog.people.create_token(user.user_id, "old", expires_at=past)
    token, revoked = catalog.people.create_token(user.user_id, "lost")

    catalog.people.revoke_token(user.user_id, token.token_id)
    catalog.people.revoke_token(user.user_id, token.token_id)

    assert holder(catalog, expired) is None
    assert holder(catalog, revoked) is None


def test_nobody_revokes_the_token_of_another(catalog: Catalog, user: User) -> None:
    token, secret = catalog.people.create_token(user.user_id, "mine")
    stranger = catalog.people.create_user(f"stranger {new_id()}")

    catalog.people.revoke_token(stranger.user_id, token.token_id)

    assert holder(catalog, secret) == user


def test_a_given_secret_makes_one_token_however_often(catalog: Catalog, user: User) -> None:
    secret = f"lct_{new_id()}"

    made = at_once([lambda: catalog.people.create_token(user.user_id, "local", secret=secret)] * 4)

    assert {token.token_id for token, _ in made} == {made[0][0].token_id}
    other = catalog.people.create_user(f"other {new_id()}")
    with pytest.raises(InvalidRequest, match="another user's"):
        catalog.people.create_token(other.user_id, "local", secret=secret)


# --- collections ------------------------------------------------------------------------------


def test_collections_of_one_name_get_different_slugs(catalog: Catalog, user: User) -> None:
    other = catalog.people.create_user(f"other {new_id()}")
    name = f"Ünïcode 논문 {new_id()}"

    mine, theirs = (catalog.collections.create(name, u.user_id) for u in (user, other))

    assert theirs.slug != mine.slug
    base, end = mine.slug.rpartition("-")[::2]
    assert theirs.slug.rpartition("-")[0] == base == slug(name)
    assert len(end) == 6
    assert catalog.collections.of_folder(mine.slug) == mine
    with pytest.raises(InvalidRequest, match="already"):
        catalog.collections.create(name, user.user_id)


def test_a_folder_belongs_to_the_oldest_collection_of_its_name(
    catalog: Catalog, user: User
) -> None:
    other = catalog.people.create_user(f"other {new_id()}")
    name = f"Field Reports {new_id()}"
    first, _ = (catalog.collections.create(name, u.user_id) for u in (user, other))

    assert catalog.collections.of_folder(name) == first
    assert catalog.collections.of_folder(slug(name)) == first

    catalog.collections.rename(first.collection_id, f"Renamed {new_id()}")
    newest = catalog.collections.of_folder(name)
    assert newest is not None
    assert newest.owner_id == other.user_id, "a name that is in use comes before a former one"


def test_a_name_is_ones_own_collection_or_one_that_is_shared_and_nobody_elses(
    catalog: Catalog, user: User
) -> None:
    other, third = (catalog.people.create_user(f"other {new_id()}") for _ in range(2))
    name = f"Payroll {new_id()}"
    theirs = catalog.collections.create(name, other.user_id)

    assert catalog.collections.reach(user, name) is None
    assert catalog.collections.reach(user, slug(name)) is None

    catalog.collections.set_grants(
        theirs.collection_id, [Grant("user", "viewer", u.user_id) for u in (user, third)]
    )
    mine = catalog.collections.create(name, user.user_id)

    for asked in (name, slug(name)):
        assert catalog.collections.reach(user, asked) == (mine, "owner")
        assert catalog.collections.reach(third, asked) == (theirs, "viewer")
    assert catalog.collections.reach(user, theirs.slug) == (theirs, "viewer")


def test_a_renamed_collection_is_still_found_by_the_name_it_was_made_under(
    catalog: Catalog, user: User
) -> None:
    name = f"Minutes {new_id()}"
    made = catalog.collections.create(name, user.user_id)

    renamed = catalog.collections.rename(made.collection_id, f"Protocols {new_id()}")

    assert catalog.collections.reach(user, slug(name)) == (renamed, "owner")
    assert catalog.collections.of_folder(slug(name)) == renamed


def test_ensuring_a_collection_at_once_creates_one(catalog: Catalog, user: User) -> None:
    ensured = at_once([lambda: catalog.collections.ensure("Inbox", user.user_id)] * 6)

    assert len({c.collection_id for c in ensured}) == 1
    assert catalog.collections.ensure(ensured[0].slug, user.user_id) == ensured[0]


def test_equal_looking_names_are_the_same_name(catalog: Catalog, user: User) -> None:
    composed = catalog.collections.ensure("caf\u00e9", user.user_id)

    assert catalog.collections.ensure("cafe\u0301", user.user_id) == composed


def test_roles_say_who_sees_what(catalog: Catalog, shelf: Shelf, user: User) -> None:
    collections, here = catalog.collections, shelf.collection.collection_id
    member = catalog.people.create_user(f"member {new_id()}")
    admin = catalog.people.create_user(f"admin {new_id()}", is_admin=True)

    assert collections.role_of(user, here) == "owner"
    assert collections.role_of(admin, here) == "owner"
    assert collections.role_of(member, here) is None
    assert collections.role_of(admin, "gone") is None
    assert shelf.collection not in collections.visible_to(member)

    collections.set_member(here, member.user_id, "viewer")
    collections.set_member(here, member.user_id, "editor")

    assert collections.role_of(member, here) == "editor"
    assert collections.visible_to(member) == [shelf.collection]
    assert shelf.collection in collections.visible_to(admin)

    collections.set_member(here, member.user_id, None)

    assert collections.visible_to(member) == []


def test_the_first_embedder_binds_the_collection(catalog: Catalog, shelf: Shelf) -> None:
    here = shelf.collection.collection_id

    bound = at_once(
        [
            lambda n=n: catalog.collections.bind_embedder(
                here, name=f"m{n}", fingerprint=f"f{n}", dimensions=n
            )
            for n in range(1, 5)
        ]
    )

    assert len({b.embedder_fingerprint for b in bound}) == 1
    catalog.collections.unbind_embedder(here)
    again = catalog.collections.bind_embedder(here, name="new", fingerprint="new", dimensions=9)
    assert (again.embedder, again.dimensions) == ("new", 9)


def test_collections_that_are_embedded_or_are_to_be_are_listed(
    catalog: Catalog, shelf: Shelf
) -> None:
    names = ["bound", "intended", "neither"]
    made = {name: catalog.collections.create(name, shelf.collection.owner_id) for name in names}
    catalog.collections.bind_embedder(
        made["bound"].collection_id, name="m", fingerprint="f", dimensions=3
    )
    catalog.collections.change_settings(made["intended"].collection_id, {"embedder": "offline"})

    found = [each for each in catalog.collections.embedded() if each.name in names]

    assert [each.name for each in found] == ["bound", "intended"]
    assert (found[0].embedder_fingerprint, found[1].settings.embedder) == ("f", "offline")


def test_only_an_empty_collection_is_deleted(catalog: Catalog, shelf: Shelf) -> None:
    here = shelf.collection.collection_id
    reserved = shelf.upload()
    with pytest.raises(InvalidRequest, match="still holds documents"):
        catalog.collections.delete(here)

    shelf.documents.request_deletion(reserved.document_id)
    shelf.documents.forget(reserved.document_id)
    catalog.collections.delete(here)
    catalog.collections.delete(here)

    assert catalog.collections.get(here) is None
    with pytest.raises(NotFound):
        shelf.reserve()


# --- uploads ----------------------------------------------------------------------------------


def test_a_reserved_document_waits_unseen_until_its_bytes_are_confirmed(shelf: Shelf) -> None:
    reserved = shelf.reserve("été 1.pdf", content_type="application/pdf", metadata={"a": "b"})

    assert shelf.state(reserved) == "awaiting_upload"
    assert shelf.documents.list(shelf.collection.collection_id) == ([], "")
    assert reserved.object_key.endswith(f"/{reserved.document_id}/1/été 1.pdf")
    assert shelf.documents.reserved(reserved.document_id, 1) == reserved

    registration = shelf.confirm(reserved)

    assert not registration.duplicate
    assert registration.document.state == "uploaded"
    assert registration.document.content_type == "application/pdf"
    assert registration.document.metadata == {"a": "b"}
    assert shelf.confirm(reserved) == registration, "a confirmation can be repeated"
    assert shelf.documents.reserved(reserved.document_id, 1) is None
    assert shelf.documents.find(shelf.collection.collection_id, "été 1.pdf") is not None


def test_confirming_what_was_never_reserved_finds_nothing(shelf: Shelf) -> None:
    reserved = shelf.reserve()

    with pytest.raises(NotFound):
        shelf.documents.confirm("nobody", 1, size_bytes=1, sha256="aa")
    with pytest.raises(NotFound):
        shelf.documents.confirm(reserved.document_id, 7, size_bytes=1, sha256="aa")


def test_two_reservations_of_one_new_name_at_once_share_a_document(shelf: Shelf) -> None:
    reserved = at_once([lambda: shelf.reserve("new.pdf")] * 8)

    assert len({r.document_id for r in reserved}) == 1
    assert sorted(r.revision for r in reserved) == list(range(1, 9))


def test_a_given_id_is_used_for_a_new_document_only(shelf: Shelf) -> None:
    chosen = new_id()

    first, second = (shelf.reserve("m.txt", document_id=chosen) for _ in range(2))
    other = shelf.reserve("m.txt", document_id=new_id())

    assert first.document_id == second.document_id == other.document_id == chosen
    with pytest.raises(InvalidRequest, match="another name"):
        shelf.reserve("n.txt", document_id=chosen)
    shelf.documents.request_deletion(chosen)
    with pytest.raises(Busy):
        shelf.reserve("m.txt", document_id=chosen)


def test_the_same_bytes_again_are_a_duplicate_however_often_confirmed(shelf: Shelf) -> None:
    first = shelf.upload(sha256="aa")
    second = shelf.reserve(tags=["new"])

    registrations = [shelf.confirm(second, sha256="aa") for _ in range(2)]

    assert all(r.duplicate and r.document.revision == first.revision for r in registrations)
    assert registrations[0].document.tags == ("new",)
    with pytest.raises(NotFound):
        shelf.confirm(second, sha256="bb")


def test_the_same_bytes_count_again_after_a_failure(shelf: Shelf) -> None:
    first = shelf.upload(sha256="aa")
    shelf.documents.fail(first.document_id, first.revision, FAILURE)

    registration = shelf.confirm(shelf.reserve(), sha256="aa")

    assert not registration.duplicate
    assert registration.document.state == "uploaded"


def test_a_digest_that_comes_late_is_kept(shelf: Shelf) -> None:
    reserved = shelf.reserve()
    shelf.confirm(reserved, sha256="")

    assert shelf.confirm(reserved, sha256="aa").document.sha256 == "aa"
    assert shelf.confirm(shelf.reserve(), sha256="aa").duplicate


def test_bytes_without_a_digest_are_never_a_duplicate(shelf: Shelf) -> None:
    shelf.confirm(shelf.reserve(), sha256="")

    assert not shelf.confirm(shelf.reserve(), sha256="").duplicate


def test_a_document_stays_searchable_until_its_new_bytes_are_confirmed(shelf: Shelf) -> None:
    old = shelf.ready(parts=2)
    new = shelf.reserve()

    assert shelf.state(old) == "ready"
    assert shelf.documents.part(old.document_id, old.revision, 1) is not None

    current = shelf.confirm(new).document

    assert (current.revision, current.state) == (new.revision, "uploaded")
    assert current.parts == 0
    assert shelf.documents.part(old.document_id, old.revision, 1) is None
    assert not shelf.documents.part_embedded(old.document_id, old.revision, 1)


def test_an_upload_that_was_overtaken_is_superseded(shelf: Shelf) -> None:
    first, second = shelf.reserve(), shelf.reserve()
    shelf.confirm(second, sha256="bb")

    late = shelf.confirm(first, sha256="aa")

    assert late.superseded
    assert late.document.revision == second.revision
    assert shelf.confirm(first, sha256="aa").superseded
    assert first not in shelf.documents.abandoned_uploads(older_than_s=0)


def test_confirmations_at_once_leave_the_newest(shelf: Shelf) -> None:
    reserved = [shelf.reserve() for _ in range(6)]

    at_once([lambda r=r: shelf.confirm(r, sha256=f"{r.revision}") for r in reserved])

    current = shelf.documents.get(reserved[0].document_id)
    assert current is not None
    assert current.revision == reserved[-1].revision
    assert current.sha256 == str(reserved[-1].revision)


def test_a_discarded_reservation_leaves_nothing(shelf: Shelf) -> None:
    first, second = shelf.reserve(), shelf.reserve()

    shelf.documents.discard(second.document_id, second.revision)
    assert shelf.state(first) == "awaiting_upload"
    shelf.documents.discard(first.document_id, first.revision)
    shelf.documents.discard(first.document_id, first.revision)

    assert shelf.documents.get(first.document_id) is None


def test_a_confirmed_upload_cannot_be_discarded(shelf: Shelf) -> None:
    reserved = shelf.upload()

    shelf.documents.discard(reserved.document_id, reserved.revision)

    assert shelf.state(reserved) == "uploaded"


def test_reprocessing_takes_the_same_bytes_as_new(shelf: Shelf) -> None:
    old = shelf.upload(sha256="aa")

    current, reserved = shelf.documents.reserve_again(old.document_id)
    registration = shelf.confirm(reserved, sha256="aa")

    assert current.object_key == old.object_key
    assert not registration.duplicate
    assert registration.document.revision == reserved.revision == old.revision + 1
    with pytest.raises(NotFound):
        shelf.documents.reserve_again("nobody")


def test_abandoned_uploads_are_those_never_confirmed(shelf: Shelf) -> None:
    shelf.upload("done.pdf")
    waiting = shelf.reserve("waiting.pdf")

    abandoned = shelf.documents.abandoned_uploads(older_than_s=0)

    assert waiting in abandoned
    assert waiting not in shelf.documents.abandoned_uploads(older_than_s=60)
    shelf.documents.discard(waiting.document_id, waiting.revision)


# --- listing ----------------------------------------------------------------------------------


def test_pages_of_a_listing_cover_every_document_once_newest_first(shelf: Shelf) -> None:
    names = [f"{n}.pdf" for n in range(7)]
    for name in names:
        shelf.upload(name)
    seen: list[str] = []
    cursor = ""

    for _ in range(3):
        page, cursor = shelf.documents.list(shelf.collection.collection_id, limit=3, cursor=cursor)
        seen += [d.name for d in page]

    assert seen == names[::-1]
    assert cursor == ""


def test_filters_of_a_listing_combine(shelf: Shelf) -> None:
    shelf.upload("Report_1.pdf", tags=["x", "y"])
    shelf.upload("report 2.pdf", tags=["y"], parent_id="batch")
    here = shelf.collection.collection_id

    def names(**filters: Any) -> list[str]:
        return [d.name for d in shelf.documents.list(here, **filters)[0]]

    assert names(name_contains="REPORT") == ["report 2.pdf", "Report_1.pdf"]
    assert names(name_contains="t_1") == ["Report_1.pdf"]
    assert names(name_contains="%") == []
    assert names(tags=["x", "z"]) == ["Report_1.pdf"]
    assert names(tags=["y"], name_contains="2") == ["report 2.pdf"]
    assert names(parent_id="batch") == ["report 2.pdf"]
    assert names(states=[DocumentState.READY]) == []


@pytest.mark.parametrize("cursor", ["?", "bm90aGluZw==", "WzFd", "WzEsMl0=", "é"])
def test_a_cursor_of_no_listing_is_refused(shelf: Shelf, cursor: str) -> None:
    with pytest.raises(InvalidRequest, match="cursor"):
        shelf.documents.list(shelf.collection.collection_id, cursor=cursor)


def test_tags_are_replaced_in_their_order_without_repetition(shelf: Shelf) -> None:
    reserved = shelf.upload(tags=["old"])

    shelf.documents.edit(reserved.document_id, tags=["b", "a", "b", " "])
    with pytest.raises(InvalidRequest, match="at most 200"):
        shelf.documents.edit(reserved.document_id, tags=["x" * 201])

    found = shelf.documents.get(reserved.document_id)
    assert found is not None
    assert found.tags == ("b", "a")


def test_a_name_that_no_index_could_hold_is_refused(shelf: Shelf) -> None:
    for name in ("", " \n", "🙂" * 501):
        with pytest.raises(InvalidRequest, match="1 to 2000 bytes"):
            shelf.reserve(name)


def test_the_timeline_tells_the_way_of_a_document(shelf: Shelf) -> None:
    reserved = shelf.ready(parts=2)

    stages = [entry.stage for entry in shelf.documents.timeline(reserved.document_id)]

    assert stages == ["uploaded", "parsing", "embedding", "indexed", "ready"]


@pytest.mark.parametrize(
    "name", ["a\0b.pdf", "a\nb.pdf", "\ud800.pdf", "..", "\u202efdp.exe", "🙂" * 300]
)
def test_hostile_names_are_stored_and_found_again(shelf: Shelf, name: str) -> None:
    reserved = shelf.upload(name)

    found = shelf.documents.find(shelf.collection.collection_id, name)
    assert found is not None
    assert found.document_id == reserved.document_id
    assert reserved.object_key.count("/") == 4
    listed, _ = shelf.documents.list(shelf.collection.collection_id, name_contains=name)
    assert [d.document_id for d in listed] == [reserved.document_id]


# --- scatter and gather -----------------------------------------------------------------------


def test_a_superseded_revision_is_refused_everywhere(shelf: Shelf) -> None:
    old = shelf.planned(2)
    shelf.upload()
    document_id, revision = old.document_id, old.revision
    documents = shelf.documents

    assert documents.begin_parsing(document_id, revision) is None
    assert documents.plan_parts(document_id, revision, plans(1), pages=1) is None
    assert not documents.part_parsed(document_id, revision, 1, chunks_key="k", chunk_count=1)
    assert not documents.part_embedded(document_id, revision, 1)
    assert not documents.part_graphed(document_id, revision, 1)
    assert not documents.finish(document_id, revision)
    assert not documents.fail(document_id, revision, FAILURE)
    assert documents.retry(document_id, revision) is None


def test_a_document_being_deleted_is_refused_everywhere_and_its_name_is_free(shelf: Shelf) -> None:
    old = shelf.planned(1)
    documents = shelf.documents
    documents.forget(old.document_id)
    assert shelf.state(old) == "embedding", "only a document being deleted is forgotten"

    documents.request_deletion(old.document_id)
    documents.request_deletion(old.document_id)

    assert shelf.state(old) == "deleting"
    assert not documents.part_embedded(old.document_id, old.revision, 1)
    assert documents.part(old.document_id, old.revision, 1) is None
    assert not documents.fail(old.document_id, old.revision, FAILURE)
    assert shelf.reserve().document_id != old.document_id
    documents.forget(old.document_id)
    documents.forget(old.document_id)
    assert documents.get(old.document_id) is None
    assert documents.timeline(old.document_id) == []


def test_the_first_plan_wins_when_two_are_made_at_once(shelf: Shelf) -> None:
    reserved = shelf.upload()

    planned = at_once(
        [
            lambda n=n: shelf.documents.plan_parts(
                reserved.document_id, reserved.revision, plans(n, parsed=False), pages=n
            )
            for n in range(1, 7)
        ]
    )

    assert all(parts == planned[0] for parts in planned)
    assert planned[0] == shelf.documents.parts(reserved.document_id, reserved.revision)


def test_parts_move_the_document_as_they_are_parsed_and_embedded(shelf: Shelf) -> None:
    reserved = shelf.planned(2, parsed=False)
    ids = (reserved.document_id, reserved.revision)
    documents = shelf.documents

    assert shelf.state(reserved) == "parsing"
    assert documents.part_parsed(*ids, 1, chunks_key="k1", chunk_count=3)
    assert not documents.part_embedded(*ids, 1)
    assert shelf.state(reserved) == "parsing"
    assert documents.part_parsed(*ids, 2, chunks_key="k2", chunk_count=4)
    assert documents.part_parsed(*ids, 1, chunks_key="k1", chunk_count=3)
    assert shelf.state(reserved) == "embedding"
    assert not documents.finish(*ids), "it is not indexed yet"
    assert documents.part_embedded(*ids, 2)
    assert not documents.part_embedded(*ids, 2)

    found = documents.get(reserved.document_id)
    assert found is not None
    assert (found.state, found.pages, found.chunks) == ("indexed", 2, 7)
    assert (found.parts, found.parts_done) == (2, 2)
    assert documents.finish(*ids)
    assert documents.finish(*ids)
    assert not documents.part_parsed(*ids, 9, chunks_key="k", chunk_count=1)
    assert not documents.part_embedded(*ids, 9)


@pytest.mark.parametrize("with_plan", [True, False])
def test_an_empty_document_becomes_ready(shelf: Shelf, *, with_plan: bool) -> None:
    reserved = shelf.upload()
    ids = (reserved.document_id, reserved.revision)
    shelf.documents.begin_parsing(*ids)

    if with_plan:
        assert shelf.documents.plan_parts(*ids, [], pages=0) == []

    assert shelf.documents.finish(*ids)
    assert shelf.state(reserved) == "ready"


@pytest.mark.parametrize("parts", [1, 12])
def test_exactly_one_of_racing_embedders_completes(shelf: Shelf, parts: int) -> None:
    reserved = shelf.planned(parts)

    completed = at_once(
        [
            lambda part=part: shelf.documents.part_embedded(
                reserved.document_id, reserved.revision, part
            )
            for part in [*range(1, parts + 1)] * (2 if parts > 1 else 8)
        ]
    )

    assert completed.count(True) == 1
    assert shelf.state(reserved) == "indexed"


def test_processes_at_once_complete_a_document_once(shelf: Shelf, settings: Settings) -> None:
    reserved = shelf.planned(30)
    program = (
        "import sys\n"
        "from lectern.catalog import open_catalog\n"
        "from lectern.settings import Settings\n"
        "documents = open_catalog(Settings()).documents\n"
        "sys.stdin.readline()\n"
        "for part in range(1, 31):\n"
        f"    if documents.part_embedded({reserved.document_id!r}, 1, part): print('completed')\n"
    )
    environment = {
        "LECTERN_HOME": str(settings.home),
        "LECTERN_DATABASE_URL": settings.database_url.get_secret_value(),
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parents[2],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]

    answers = at_once([lambda p=p: p.communicate("go\n")[0] for p in processes])

    assert [p.returncode for p in processes] == [0, 0, 0]
    assert "".join(answers).split() == ["completed"]


def test_a_failure_never_overrides_an_end(shelf: Shelf) -> None:
    failed, ready = shelf.planned(1, "failed.pdf"), shelf.ready(name="ready.pdf")
    documents = shelf.documents

    assert documents.fail(failed.document_id, failed.revision, FAILURE)
    assert not documents.fail(failed.document_id, failed.revision, FAILURE)
    assert not documents.fail(ready.document_id, ready.revision, FAILURE)
    waiting, indexed = shelf.reserve("waiting.pdf"), shelf.planned(1, "indexed.pdf")
    documents.part_embedded(indexed.document_id, indexed.revision, 1)
    assert not documents.fail(waiting.document_id, waiting.revision, FAILURE)
    assert not documents.fail(indexed.document_id, indexed.revision, FAILURE)

    found = documents.get(failed.document_id)
    assert found is not None
    assert (found.state, found.failure) == ("failed", FAILURE)
    begun = documents.begin_parsing(failed.document_id, failed.revision)
    assert begun is not None
    assert begun.state == "failed"


def test_a_failed_document_that_is_completed_after_all_is_indexed(shelf: Shelf) -> None:
    reserved = shelf.planned(1)
    shelf.documents.fail(reserved.document_id, reserved.revision, FAILURE)

    assert shelf.documents.part_embedded(reserved.document_id, reserved.revision, 1)
    found = shelf.documents.get(reserved.document_id)
    assert found is not None
    assert (found.state, found.failure) == ("indexed", None)


def test_a_retry_does_only_the_unfinished_parts_again(shelf: Shelf) -> None:
    reserved = shelf.planned(3)
    ids = (reserved.document_id, reserved.revision)
    shelf.documents.part_embedded(*ids, 2)
    assert shelf.documents.retry(*ids) is None, "it has not failed"
    shelf.documents.fail(*ids, FAILURE)

    retried = shelf.documents.retry(*ids)

    assert retried is not None
    assert (retried.state, retried.failure) == ("uploaded", None)
    states = [part.state for part in shelf.documents.parts(*ids)]
    assert states == ["assigned", "embedded", "assigned"]


def test_a_retry_without_embedded_parts_begins_anew(shelf: Shelf) -> None:
    reserved = shelf.planned(3)
    ids = (reserved.document_id, reserved.revision)
    shelf.documents.fail(*ids, FAILURE)

    retried = shelf.documents.retry(*ids)

    assert retried is not None
    assert (retried.parts, retried.pages, retried.chunks) == (0, 0, 0)
    planned = shelf.documents.plan_parts(*ids, plans(1), pages=1)
    assert planned is not None
    assert len(planned) == 1
    assert shelf.documents.part_embedded(*ids, 1)


def test_a_collection_is_embedded_anew(shelf: Shelf) -> None:
    ready, untouched = shelf.ready(parts=2), shelf.upload("new.pdf")
    ids = (ready.document_id, ready.revision)
    shelf.documents.part_graphed(*ids, 1)

    moved = shelf.documents.begin_reembedding(shelf.collection.collection_id)

    assert [d.document_id for d in moved] == [ready.document_id]
    assert (moved[0].state, moved[0].parts_done) == ("embedding", 0)
    assert {(p.state, p.graphed) for p in shelf.documents.parts(*ids)} == {("parsed", False)}
    assert shelf.state(untouched) == "uploaded"
    assert [shelf.documents.part_embedded(*ids, part) for part in (1, 2)] == [False, True]


# --- for the sweeper --------------------------------------------------------------------------


def test_the_sweeper_is_shown_what_stopped_moving(shelf: Shelf) -> None:
    documents = shelf.documents
    uploaded, parsing = shelf.upload("uploaded.pdf"), shelf.planned(1, "p.pdf", parsed=False)
    without_graph, done = shelf.ready(name="without graph.pdf"), shelf.ready(name="done.pdf")
    documents.part_graphed(done.document_id, done.revision, 1)
    failed, deleting = shelf.upload("failed.pdf"), shelf.upload("deleting.pdf")
    documents.fail(failed.document_id, failed.revision, FAILURE)
    documents.request_deletion(deleting.document_id)
    shelf.reserve("waiting.pdf")

    def unmoved(**options: Any) -> list[str]:
        found = documents.unmoved(**({"older_than_s": 0} | options))
        here = shelf.collection.collection_id
        return [d.document_id for d in found if d.collection_id == here]

    expected = [r.document_id for r in (uploaded, parsing, without_graph, deleting)]
    assert unmoved() == expected
    assert unmoved(older_than_s=60) == []

    documents.touch(uploaded.document_id)

    assert unmoved() == [*expected[1:], expected[0]]


def test_documents_are_counted_by_state(shelf: Shelf) -> None:
    before = Counter(shelf.documents.counts())
    shelf.ready(name="one.pdf")
    shelf.ready(name="two.pdf")
    failed = shelf.upload("failed.pdf")
    shelf.documents.fail(failed.document_id, failed.revision, FAILURE)

    assert Counter(shelf.documents.counts()) - before == {"ready": 2, "failed": 1}
