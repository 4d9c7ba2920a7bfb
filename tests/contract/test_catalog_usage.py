"""Use is summed up by day, user and collection, on every database."""

from datetime import UTC, datetime, timedelta

import pytest

from lectern.catalog.port import Catalog
from lectern.catalog.port_usage import UsageBy, UsageDay, Used
from lectern.catalog.records import Collection, User


def today(catalog: Catalog, by: UsageBy) -> dict[str, UsageDay]:
    day = datetime.now(UTC).date()
    yesterday = day - timedelta(days=1)  # the test may run over midnight
    found = catalog.usage.days(since=yesterday, until=day, by=by)
    return {each.name: each for each in found}


@pytest.fixture
def owner(empty_catalog: Catalog) -> User:
    return empty_catalog.people.create_user("ada")


@pytest.fixture
def shelf(empty_catalog: Catalog, owner: User) -> Collection:
    return empty_catalog.collections.create("Travel", owner.user_id)


def test_questions_add_up_for_who_asks_and_what_is_asked(
    empty_catalog: Catalog, owner: User, shelf: Collection
) -> None:
    other = empty_catalog.people.create_user("bob")
    asked = Used(questions=1, prompt_tokens=100, completion_tokens=7)

    empty_catalog.usage.add(owner.user_id, asked, collection_id=shelf.collection_id)
    empty_catalog.usage.add(owner.user_id, asked)
    empty_catalog.usage.add(other.user_id, Used(questions=1, failed=1))

    people, collections = today(empty_catalog, "user"), today(empty_catalog, "collection")
    assert people["ada"].used == Used(questions=2, prompt_tokens=200, completion_tokens=14)
    assert people["bob"].used == Used(questions=1, failed=1)
    assert collections["Travel"].used == asked
    assert collections[""].used.questions == 2
    assert sum(each.used.questions for each in people.values()) == 3


def test_an_upload_counts_once_and_being_read_anew_does_not(
    empty_catalog: Catalog, owner: User, shelf: Collection
) -> None:
    documents = empty_catalog.documents
    reserved = documents.reserve(shelf.collection_id, owner.user_id, "rules.txt")
    for _ in range(2):
        documents.confirm(reserved.document_id, reserved.revision, size_bytes=40, sha256="a" * 64)
    _, again = documents.reserve_again(reserved.document_id)
    documents.confirm(again.document_id, again.revision, size_bytes=40, sha256="a" * 64)

    assert today(empty_catalog, "collection")["Travel"].used == Used(documents=1, size_bytes=40)


def test_what_was_used_stays_when_the_user_goes(empty_catalog: Catalog, owner: User) -> None:
    empty_catalog.people.create_user("root", is_admin=True)
    empty_catalog.usage.add(owner.user_id, Used(questions=1))

    empty_catalog.accounts.delete(owner.user_id)

    gone = today(empty_catalog, "user")[""]
    assert (gone.subject_id, gone.used.questions) == (owner.user_id, 1)
