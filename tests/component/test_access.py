"""What `lectern.access` promises every function, on a real catalog."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from lectern.access import Access, authenticate
from lectern.catalog import migrate, open_catalog
from lectern.catalog.port import Catalog
from lectern.catalog.records import Scope
from lectern.errors import Forbidden, Unauthorized
from lectern.passwords import hash_password
from lectern.settings import Settings


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    settings = Settings(home=tmp_path, database_url=SecretStr(""))
    migrate(settings)
    catalog = open_catalog(settings)
    yield catalog
    catalog.close()


def key(catalog: Catalog, *scopes: Scope) -> str:
    owner = catalog.people.ensure_owner("owner")
    return "Bearer " + catalog.people.create_token(owner.user_id, "key", scopes=scopes)[1]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic YTpi", "Bearer lcs_no"])
def test_without_a_known_bearer_nobody_gets_in(catalog: Catalog, header: str | None) -> None:
    with pytest.raises(Unauthorized):
        authenticate(catalog, header)


@pytest.mark.parametrize("scope", ["read", "write", "admin"])
@pytest.mark.parametrize("held", ["read", "write", "admin"])
def test_a_key_opens_what_its_scopes_name(catalog: Catalog, held: Scope, scope: Scope) -> None:
    header = key(catalog, held)

    if held == scope:
        assert authenticate(catalog, header, scope=scope).scopes == {scope}
    else:
        with pytest.raises(Forbidden) as refused:
            authenticate(catalog, header, scope=scope)
        assert refused.value.code == "insufficient_scope"


def test_searching_and_asking_need_the_scope_for_reading(catalog: Catalog) -> None:
    assert authenticate(catalog, key(catalog, "read"))
    with pytest.raises(Forbidden):
        authenticate(catalog, key(catalog, "write", "admin"))


def test_an_administrator_is_none_with_a_key_that_is_not_for_it(catalog: Catalog) -> None:
    limited = authenticate(catalog, key(catalog, "read", "write"))
    whole = authenticate(catalog, key(catalog, "read", "write", "admin"))

    whole.require_administrator()
    with pytest.raises(Forbidden):
        limited.require_administrator()
    with pytest.raises(Forbidden):
        limited.require_every_scope()


def test_a_key_for_reading_may_read_but_not_edit_its_owners_collection(catalog: Catalog) -> None:
    access = authenticate(catalog, key(catalog, "read"))
    made = catalog.collections.create("Papers", access.user.user_id)

    assert access.collection(made.collection_id).name == "Papers"
    with pytest.raises(Forbidden):
        access.collection(made.collection_id, role="editor")


def test_who_was_given_a_password_has_to_change_it_first(catalog: Catalog) -> None:
    account = catalog.accounts.create("new", password_hash=hash_password("given by somebody"))
    _, secret = catalog.sessions.begin(account.user.user_id, "")

    with pytest.raises(Forbidden) as refused:
        authenticate(catalog, f"Bearer {secret}")

    assert refused.value.code == "password_change_required"
    assert authenticate(catalog, f"Bearer {secret}", with_temporary_password=True)


def test_the_audit_log_names_the_key_that_was_used(catalog: Catalog) -> None:
    access = authenticate(catalog, key(catalog, "read", "write"))

    access.record("collection.shared", "c1", role="viewer")

    (entry,) = catalog.audit.list()[0]
    assert (entry.actor_name, entry.action, entry.subject) == ("owner", "collection.shared", "c1")
    assert access.principal is not None
    assert entry.detail == {"key": access.principal.key_id, "role": "viewer"}


def test_reading_in_somebodys_name_does_not_make_them_the_caller(catalog: Catalog) -> None:
    owner = catalog.people.ensure_owner("owner")

    assert Access(catalog, owner).scopes == {"read"}
