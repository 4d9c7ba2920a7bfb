"""Assistants in the catalog, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from lectern.catalog import migrate
from lectern.catalog.opening import SqlCatalog, open_database
from lectern.catalog.records import User
from lectern.documents import new_id
from lectern.errors import InvalidRequest
from lectern.settings import Settings
from tests.postgres import new_database

BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="module", params=BACKENDS)
def catalog(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqlCatalog]:
    home: Path = tmp_path_factory.mktemp("home")
    if request.param == "sqlite":
        yield from opened(Settings(home=home))
    else:
        with new_database(request.getfixturevalue("postgres")) as url:
            yield from opened(Settings(home=home, database_url=SecretStr(url)))


def opened(settings: Settings) -> Iterator[SqlCatalog]:
    migrate(settings)
    catalog = open_database(settings.resolved_database_url())
    yield catalog
    catalog.close()


@pytest.fixture
def kim(catalog: SqlCatalog) -> User:
    return catalog.people.create_user(f"kim {new_id()}")


@pytest.fixture
def lee(catalog: SqlCatalog) -> User:
    return catalog.people.create_user(f"lee {new_id()}", is_admin=True)


def test_an_assistant_is_its_owners_until_it_is_shared(
    catalog: SqlCatalog, kim: User, lee: User
) -> None:
    manner = {"reasoning": "react", "answer_style": "In one sentence."}
    made = catalog.assistants.create(kim.user_id, "Travel  desk", collections=["c1"], manner=manner)

    assert catalog.assistants.get(kim.user_id, made.slug) == made
    assert (made.manner, made.collections) == (manner, ("c1",))
    assert made in catalog.assistants.list(kim.user_id)
    for found in (made.slug, made.assistant_id):
        assert catalog.assistants.get(lee.user_id, found) is None
    assert made not in catalog.assistants.list(lee.user_id)

    shared = catalog.assistants.change(made.assistant_id, {"shared": True, "name": "Desk"})

    assert shared is not None
    assert catalog.assistants.get(lee.user_id, made.slug) == shared
    assert (shared.name, shared.slug, shared.manner) == ("Desk", made.slug, manner)


def test_equal_names_get_addresses_that_tell_nothing_of_each_other(
    catalog: SqlCatalog, kim: User, lee: User
) -> None:
    slugs = [
        catalog.assistants.create(user.user_id, "Payroll", manner={}).slug
        for user in (kim, kim, lee)
    ]

    assert len(set(slugs)) == 3
    assert all(slug.startswith("payroll-") and len(slug) == 16 for slug in slugs)


def test_a_name_in_any_script_has_an_address(catalog: SqlCatalog, kim: User) -> None:
    made = catalog.assistants.create(kim.user_id, "출장 안내\0" + "가" * 90, manner={})

    assert catalog.assistants.get(kim.user_id, made.slug) == made
    assert len(made.slug) <= 80


def test_nobody_fills_the_catalog_with_assistants(catalog: SqlCatalog, kim: User) -> None:
    for number in range(100):
        catalog.assistants.create(kim.user_id, f"No. {number}", manner={})

    with pytest.raises(InvalidRequest) as refused:
        catalog.assistants.create(kim.user_id, "One more", manner={})
    assert refused.value.code == "too_many_assistants"


def test_an_assistant_goes_with_its_owner_and_conversations_stay(
    catalog: SqlCatalog, kim: User, lee: User
) -> None:
    made = catalog.assistants.create(kim.user_id, "Desk", shared=True, manner={})
    held = catalog.conversations.create(lee.user_id, assistant_id=made.assistant_id)

    catalog.accounts.delete(kim.user_id)

    assert catalog.assistants.get(lee.user_id, made.assistant_id) is None
    kept = catalog.conversations.get(lee.user_id, held.conversation_id)
    assert kept is not None
    assert kept.assistant_id == made.assistant_id


def test_an_heir_gets_the_shared_assistants(catalog: SqlCatalog, kim: User, lee: User) -> None:
    shared = catalog.assistants.create(kim.user_id, "Desk", shared=True, manner={})
    own = catalog.assistants.create(kim.user_id, "Notes", manner={})

    catalog.accounts.delete(kim.user_id, transfer_to=lee.user_id)

    inherited = catalog.assistants.get(lee.user_id, shared.slug)
    assert inherited is not None
    assert inherited.owner_id == lee.user_id
    assert catalog.assistants.get(lee.user_id, own.slug) is None


def test_deleting_twice_is_no_error(catalog: SqlCatalog, kim: User) -> None:
    made = catalog.assistants.create(kim.user_id, "Desk", manner={})

    catalog.assistants.delete(made.assistant_id)
    catalog.assistants.delete(made.assistant_id)

    assert catalog.assistants.get(kim.user_id, made.slug) is None
    assert catalog.assistants.change(made.assistant_id, {"name": "x"}) is None


def test_a_conversation_keeps_the_assistant_it_begins_with(catalog: SqlCatalog, kim: User) -> None:
    turn = catalog.conversations.begin_turn(kim.user_id, "How much?", assistant_id="a1")
    again = catalog.conversations.begin_turn(
        kim.user_id, "And in Seoul?", conversation_id=turn.conversation_id, assistant_id="a2"
    )

    assert (turn.assistant_id, again.assistant_id) == ("a1", "a1")
    changed = catalog.conversations.change(kim.user_id, turn.conversation_id, assistant_id="")
    assert changed is not None
    assert changed.assistant_id == ""
