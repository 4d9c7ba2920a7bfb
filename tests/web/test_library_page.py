"""The library under AppTest, on the real catalog: collections, documents, sharing."""

import io
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from functions.catalog.wiring import dependencies
from lectern.api import CollectionReply, GrantRequest, UserRequest
from lectern.catalog.records import Failure
from lectern.documents import new_id
from lectern.errors import NotFound
from tests.web.component_events import data_of, fire
from tests.web.conftest import World, add_person, page_of

LIST = "library-documents"


@pytest.fixture
def shelf(world: World) -> Iterator[CollectionReply]:
    """A collection of the administrator's, of its own for each test."""
    collections = world.lectern("admin").collections
    made = collections.create(f"Shelf {new_id()}")
    yield made
    with pytest.MonkeyPatch.context():
        try:
            collections.delete(made.collection_id, force=True)
        except NotFound:
            return  # the test did it


def library(world: World, who: str = "admin", language: str = "en", **params: str) -> AppTest:
    at = page_of(world, who, language=language)
    for name, value in params.items():
        at.query_params[name] = value
    at = at.switch_page("app_pages/library.py")
    for name, value in params.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def upload(world: World, shelf: CollectionReply, name: str, text: str = "hello") -> str:
    lectern = world.lectern("admin")
    file = io.BytesIO(f"{text} {name}".encode())
    return lectern.documents.upload(shelf.collection_id, file, name=name).document_id


def fail(document_id: str, code: str = "damaged") -> None:
    documents = dependencies().catalog.documents
    documents.fail(document_id, 1, Failure(stage="parse", code=code, detail="the xref is gone"))


def titles(at: AppTest) -> list[str]:
    return [item["title"] for item in data_of(at, LIST)["items"]]


def words(at: AppTest) -> str:
    shown = [*at.markdown, *at.caption, *at.title, *at.text, *at.error, *at.header]
    return "\n".join(str(each.value) for each in shown)


def test_collections_are_listed_and_lead_to_their_page(
    world: World, shelf: CollectionReply
) -> None:
    at = library(world)
    found = {item["title"]: item for item in data_of(at, "library-collections")["items"]}

    assert found[shelf.name]["href"] == f"/library?c={shelf.slug}"
    fire(at, "library-collections", "open", {"id": shelf.slug})
    assert at.title[0].value.replace("\\", "") == shelf.name


def test_somebody_without_collections_is_told_what_they_are(world: World) -> None:
    add_person(world, "newcomer")

    at = library(world, "newcomer")

    assert "No collections yet" in words(at)
    assert at.button(key="library-new")


def test_a_collection_is_made_and_opened(world: World) -> None:
    name = f"New {new_id()}"
    at = library(world, "admin")

    at.button(key="library-new").click().run()
    at.text_input(key="library-new-name").set_value(name)
    next(b for b in at.button if b.label == "Create").click().run()

    made = next(c for c in world.lectern("admin").collections.list() if c.name == name)
    assert made.slug in at.query_params["c"]


def test_an_empty_collection_says_how_to_fill_it(world: World, shelf: CollectionReply) -> None:
    at = library(world, c=shelf.slug)

    assert "No documents yet" in words(at)
    drop = data_of(at, "library-drop")
    assert drop["collection"] == shelf.collection_id
    assert drop["tickets"] == "/api/uploads"
    assert drop["token"], "uploads need the form's secret"


def test_documents_show_where_they_are(world: World, shelf: CollectionReply) -> None:
    upload(world, shelf, "waits.txt")
    broken = upload(world, shelf, "broken.pdf")
    fail(broken)

    at = library(world, c=shelf.slug)

    rows = {item["title"]: item for item in data_of(at, LIST)["items"]}
    assert [step["state"] for step in rows["waits.txt"]["steps"]] == ["done", "now", "todo", "todo"]
    assert rows["broken.pdf"]["note"]["reason"] == "The file is damaged."
    assert rows["broken.pdf"]["note"]["advice"]
    assert "retry" in rows["broken.pdf"]["allows"]


def test_a_failed_document_is_tried_again(world: World, shelf: CollectionReply) -> None:
    broken = upload(world, shelf, "broken.pdf")
    fail(broken)
    at = library(world, c=shelf.slug)

    fire(at, LIST, "act", {"name": "retry", "ids": [broken]})

    assert not at.exception
    assert world.lectern("admin").documents.get(broken).failure is None


def test_documents_are_deleted_and_brought_back(world: World, shelf: CollectionReply) -> None:
    ids = [upload(world, shelf, name) for name in ("a.txt", "b.txt", "c.txt")]
    at = library(world, c=shelf.slug)

    fire(at, LIST, "act", {"name": "delete", "ids": ids[:2]})
    at.run()
    assert titles(at) == ["c.txt"]
    assert "2 documents were deleted." in words(at)

    at.button(key="library-undo-button").click().run()

    assert sorted(titles(at)) == ["a.txt", "b.txt", "c.txt"]


def test_documents_are_tagged_together_and_found_by_tag(
    world: World, shelf: CollectionReply
) -> None:
    ids = [upload(world, shelf, name) for name in ("a.txt", "b.txt")]
    upload(world, shelf, "c.txt")
    at = library(world, c=shelf.slug)

    fire(at, LIST, "act", {"name": "tag", "ids": ids})
    at.run()
    at.text_input(key="library-dialog-new").set_value("travel, travel").run()
    at.button(key="library-tag").click().run()
    at.run()
    at.multiselect(key="library-tags").set_value(["travel"]).run()

    assert sorted(titles(at)) == ["a.txt", "b.txt"]
    assert data_of(at, LIST)["items"][0]["tags"] == ["travel"]


def test_documents_are_filtered_by_name_and_state(world: World, shelf: CollectionReply) -> None:
    upload(world, shelf, "travel.txt")
    broken = upload(world, shelf, "broken.pdf")
    fail(broken)
    at = library(world, c=shelf.slug)

    at.text_input(key="library-name").set_value("TRAV").run()
    assert titles(at) == ["travel.txt"]

    at.text_input(key="library-name").set_value("nothing like it").run()
    assert "No document matches" in words(at)

    at.button(key="library-clear").click().run()
    assert len(titles(at)) == 2


def test_a_name_with_markup_stays_a_name(world: World, shelf: CollectionReply) -> None:
    name = "<img src=x onerror=alert(1)> **bold** $x$.txt"
    document_id = upload(world, shelf, name)

    at = library(world, d=document_id)

    assert "<img" not in at.header[0].value.replace("\\<", "")
    assert "**bold**" not in at.header[0].value


def test_a_document_has_its_history_and_its_metadata(world: World, shelf: CollectionReply) -> None:
    document_id = upload(world, shelf, "a.txt")
    fail(document_id, "password_protected")

    at = library(world, d=document_id)

    row = data_of(at, "document-row")["items"][0]
    assert row["note"]["reason"] == "The file is protected by a password."
    assert "`text/plain`" in words(at)
    assert "the xref is gone" in words(at), "what the stage itself said"
    next(t for t in at.text_input if t.label == "New field").set_value("year")
    next(t for t in at.text_input if t.label == "Value").set_value("2026")
    next(b for b in at.button if b.label == "Save").click().run()
    assert world.lectern("admin").documents.get(document_id).metadata == {"year": "2026"}


def test_a_viewer_sees_documents_and_can_change_nothing(
    world: World, shelf: CollectionReply
) -> None:
    upload(world, shelf, "a.txt")
    everyone = GrantRequest(kind="everyone", role="viewer")
    world.lectern("admin").collections.share(shelf.collection_id, [everyone])

    at = library(world, "reader", c=shelf.slug)

    assert titles(at) == ["a.txt"]
    assert data_of(at, LIST)["bulk"] == []
    assert data_of(at, LIST)["items"][0]["actions"] == []
    keys = {button.key for button in at.button}
    assert not keys & {"library-open-share", "library-open-settings", "library-open-delete"}
    with pytest.raises(AssertionError, match="no component"):
        data_of(at, "library-drop")


def test_what_is_not_shared_is_not_there(world: World, shelf: CollectionReply) -> None:
    document_id = upload(world, shelf, "secret.txt")

    for params in ({"c": shelf.slug}, {"d": document_id}):
        at = library(world, "reader", **params)

        assert "There is nothing here" in "\n".join(each.value for each in at.subheader)
        assert "secret" not in words(at)
        assert shelf.name not in words(at)


def test_the_owner_shares_and_takes_back(world: World, shelf: CollectionReply) -> None:
    at = library(world, c=shelf.slug)
    collections = world.lectern("admin").collections

    at.button(key="library-open-share").click().run()
    at.button(key="library-give-everyone-").click().run()
    assert [g.kind for g in collections.grants(shelf.collection_id)] == ["everyone"]

    at.run()
    at.button(key="library-revoke-everyone-").click().run()

    assert not collections.grants(shelf.collection_id)


def test_anybody_among_many_is_found_by_a_part_of_the_name(
    world: World, shelf: CollectionReply
) -> None:
    lectern = world.lectern("admin")
    mark = new_id()
    for number in range(60):
        dependencies().catalog.people.create_user(f"aa-{mark}-{number}")
    last = lectern.users.create(UserRequest(name=f"zz-{mark}", display_name="Zoë Last"))
    group = lectern.groups.create(f"Readers {mark}")
    at = library(world, c=shelf.slug)
    at.button(key="library-open-share").click().run()

    at.text_input(key="library-share-who").set_value(mark).run()
    keys = [button.key for button in at.button]
    assert f"library-give-group-{group.group_id}" in keys, "people leave room for groups"
    assert f"library-give-user-{last.user_id}" not in keys
    assert "There are more" in words(at)

    at.text_input(key="library-share-who").set_value("zoë").run()
    at.selectbox(key="library-share-role").set_value("editor").run()
    at.button(key=f"library-give-user-{last.user_id}").click().run()

    (grant,) = lectern.collections.grants(shelf.collection_id)
    assert (grant.id, grant.name, grant.role) == (last.user_id, "Zoë Last", "editor")


def test_the_owner_hands_a_collection_over(world: World, shelf: CollectionReply) -> None:
    lectern = world.lectern("admin")
    heir = lectern.users.create(UserRequest(name=f"heir-{new_id()}"))
    at = library(world, c=shelf.slug)
    at.button(key="library-open-share").click().run()

    at.text_input(key="library-heir-name").set_value(heir.name).run()
    (choice,) = lectern.collections.people(heir.name)
    at.pills(key="library-heir").set_value(choice).run()
    at.button(key="library-transfer").click().run()

    assert lectern.collections.get(shelf.slug).owner_id == heir.user_id


def test_the_order_of_documents_is_chosen_and_remembered(
    world: World, shelf: CollectionReply
) -> None:
    for name in ("b.txt", "c.txt", "a.txt"):
        upload(world, shelf, name)
    at = library(world, c=shelf.slug)
    assert titles(at) == ["a.txt", "c.txt", "b.txt"]

    at.selectbox(key="library-sort").set_value("name").run()
    assert titles(at) == ["a.txt", "b.txt", "c.txt"]

    assert titles(library(world, c=shelf.slug)) == ["a.txt", "b.txt", "c.txt"]
    at.selectbox(key="library-sort").set_value("-created").run()
    assert "documents_sort" not in world.lectern("admin").settings.get().changed


def test_tags_of_documents_on_other_pages_can_be_chosen(
    world: World, shelf: CollectionReply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.parts.jobs.PAGE", 1)
    first = upload(world, shelf, "a.txt")
    second = upload(world, shelf, "b.txt")
    world.lectern("admin").documents.set_tags(first, ["travel"])

    at = library(world, c=shelf.slug)
    assert titles(at) == ["b.txt"]
    assert at.multiselect(key="library-tags").options == ["travel · 1"]
    fire(at, LIST, "act", {"name": "tag", "ids": [second]})
    at.run()
    at.multiselect(key="library-dialog-tags").set_value(["travel"]).run()
    at.button(key="library-tag").click().run()
    at.run()

    assert at.multiselect(key="library-tags").options == ["travel · 2"]


def test_deleted_documents_can_be_brought_back_after_a_reload_one_by_one(
    world: World, shelf: CollectionReply
) -> None:
    ids = [upload(world, shelf, name) for name in ("a.txt", "b.txt")]
    for document_id in ids:
        world.lectern("admin").documents.delete(document_id)

    at = library(world, c=shelf.slug)
    assert "2 documents were deleted." in words(at)
    assert " left" in words(at)
    at.button(key=f"library-restore-{ids[0]}").click().run()

    assert titles(at) == ["a.txt"]
    assert "“b.txt” was deleted." in words(at)


def test_who_only_reads_sees_nothing_of_the_trash(world: World, shelf: CollectionReply) -> None:
    document_id = upload(world, shelf, "secret.txt")
    everyone = GrantRequest(kind="everyone", role="viewer")
    world.lectern("admin").collections.share(shelf.collection_id, [everyone])
    world.lectern("admin").documents.delete(document_id)

    at = library(world, "reader", c=shelf.slug)

    assert "secret" not in words(at)


def test_settings_are_kept(world: World, shelf: CollectionReply) -> None:
    at = library(world, c=shelf.slug)

    at.button(key="library-open-settings").click().run()
    name = next(t for t in at.text_input if t.label == "Name")
    name.set_value(shelf.name + " renamed")
    at.text_area[0].set_value("All about herons")
    next(b for b in at.button if b.label == "Save").click().run()

    found = world.lectern("admin").collections.get(shelf.slug)
    assert (found.name, found.description) == (shelf.name + " renamed", "All about herons")


def test_a_collection_goes_only_when_its_name_is_typed(
    world: World, shelf: CollectionReply
) -> None:
    at = library(world, c=shelf.slug)

    at.button(key="library-open-delete").click().run()
    assert at.button(key="library-delete-sure").disabled
    at.text_input(key="library-delete-name").set_value(shelf.name).run()
    at.button(key="library-delete-sure").click().run()

    with pytest.raises(NotFound):
        world.lectern("admin").collections.get(shelf.slug)


def test_an_address_inside_the_network_is_refused_in_words(
    world: World, shelf: CollectionReply
) -> None:
    at = library(world, c=shelf.slug)

    fire(at, "library-drop", "link", {"url": "http://127.0.0.1:1/secret"})

    assert at.toast
    assert not world.lectern("admin").documents.list(shelf.collection_id).documents


def test_the_library_speaks_korean(world: World, shelf: CollectionReply) -> None:
    upload(world, shelf, "a.txt")

    at = library(world, language="ko", c=shelf.slug)

    assert data_of(at, LIST)["labels"]["select_all"] == "모두 선택"
    assert data_of(at, LIST)["items"][0]["state"] == "대기 중"


def test_many_documents_come_in_pages(
    world: World, shelf: CollectionReply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.parts.jobs.PAGE", 2)
    for number in range(3):
        upload(world, shelf, f"{number}.txt")
    at = library(world, c=shelf.slug)
    assert titles(at) == ["2.txt", "1.txt"]

    at.button(key="library-older").click().run()
    assert titles(at) == ["0.txt"]

    at.button(key="library-newer").click().run()
    assert titles(at) == ["2.txt", "1.txt"]
