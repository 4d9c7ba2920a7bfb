"""The promises of `lectern.catalog.port_accounts`, on SQLite and on PostgreSQL."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from lectern.catalog import migrate, open_catalog
from lectern.catalog.migrating import upgrade
from lectern.catalog.opening import SqlCatalog
from lectern.catalog.records import User
from lectern.catalog.records_accounts import EVERY_SCOPE, Limit, OidcFlow, ProviderIdentity
from lectern.catalog.tables_accounts import invitations, sessions, sign_in_limits
from lectern.documents import new_id
from lectern.errors import Forbidden, InvalidRequest, LecternError, NotFound, RateLimited
from lectern.settings import Settings
from tests.postgres import new_database

BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
T = TypeVar("T")


@contextmanager
def new_catalog(backend: str, request: pytest.FixtureRequest, home: Path) -> Iterator[SqlCatalog]:
    @contextmanager
    def settings() -> Iterator[Settings]:
        if backend == "sqlite":
            yield Settings(home=home)
            return
        with new_database(request.getfixturevalue("postgres")) as url:
            yield Settings(home=home, database_url=SecretStr(url))

    with settings() as settings:
        migrate(settings)
        catalog = open_catalog(settings)
        assert isinstance(catalog, SqlCatalog)
        yield catalog
        catalog.close()


@pytest.fixture(scope="module", params=BACKENDS)
def catalog(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqlCatalog]:
    """A database with an administrator, which the tests of this module share."""
    with new_catalog(request.param, request, tmp_path_factory.mktemp("home")) as catalog:
        catalog.people.ensure_owner("administrator")
        yield catalog


@pytest.fixture(params=BACKENDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlCatalog]:
    """A database without anybody in it, of the test's own."""
    with new_catalog(request.param, request, tmp_path) as catalog:
        yield catalog


@pytest.fixture
def user(catalog: SqlCatalog) -> User:
    return catalog.people.create_user(f"user {new_id()}")


def at_once(actions: Sequence[Callable[[], T]]) -> list[T | LecternError]:
    """Return what the actions return, or our error, when all begin at the same moment."""
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], T]) -> T | LecternError:
        gate.wait()
        try:
            return action()
        except LecternError as error:
            return error

    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result() for future in [pool.submit(run, a) for a in actions]]


def successes(results: Sequence[T | LecternError | None]) -> list[T]:
    return [r for r in results if r is not None and not isinstance(r, LecternError)]


def rewind(catalog: SqlCatalog, table: Any, condition: Any, **values: Any) -> None:
    """Let time pass, as the database sees it."""
    catalog.database.write(lambda c: c.execute(update(table).where(condition).values(**values)))


# --- the first administrator ------------------------------------------------------------------


def test_of_many_who_set_up_at_once_one_becomes_the_administrator(empty: SqlCatalog) -> None:
    assert empty.accounts.unclaimed()

    results = at_once(
        [lambda n=n: empty.accounts.claim(f"boss {n}", "hash") for n in range(5)]  # type: ignore[misc]
    )

    assert len(successes(results)) == 1
    assert [user.is_admin for user in empty.people.users()] == [True]
    assert not empty.accounts.unclaimed()


@pytest.mark.parametrize("way", ["password", "token", "identity"])
def test_who_can_sign_in_already_closes_the_setup(empty: SqlCatalog, way: str) -> None:
    if way == "identity":
        empty.identities.sign_in(ProviderIdentity("i", "s", "Ann"), link_verified_email=False)
    else:
        user = empty.people.create_user("Ann")
        if way == "token":
            empty.people.create_token(user.user_id, "first")
        else:
            empty.accounts.set_password(user.user_id, "hash")

    assert not empty.accounts.unclaimed()
    assert empty.accounts.claim("boss", "hash") is None


def test_the_last_administrator_stays(empty: SqlCatalog) -> None:
    first = empty.people.create_user("first", is_admin=True).user_id
    second = empty.people.create_user("second", is_admin=True).user_id
    empty.accounts.change(second, disabled=True)

    for change in ({"is_admin": False}, {"disabled": True}):
        with pytest.raises(InvalidRequest, match="last administrator"):
            empty.accounts.change(first, **change)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="last administrator"):
        empty.accounts.delete(first)


def test_two_administrators_cannot_remove_each_other_at_once(empty: SqlCatalog) -> None:
    both = [empty.people.create_user(f"admin {n}", is_admin=True).user_id for n in range(2)]

    results = at_once(
        [lambda u=u: empty.accounts.change(u, is_admin=False) for u in both]  # type: ignore[misc]
    )

    assert len(successes(results)) == 1
    assert sum(user.is_admin for user in empty.people.users()) == 1


# --- accounts ---------------------------------------------------------------------------------


def test_names_are_the_same_in_any_case(catalog: SqlCatalog) -> None:
    name = f"Straße {new_id()}"
    made = catalog.accounts.create(name)

    with pytest.raises(InvalidRequest):
        catalog.accounts.create(name.upper())
    with pytest.raises(InvalidRequest):
        catalog.people.create_user(name.casefold())
    assert catalog.accounts.by_name(name.swapcase()) == made


def test_users_are_listed_in_pages_and_found_by_parts_of_what_they_are_called(
    empty: SqlCatalog,
) -> None:
    for name in ("anna", "berta", "clara", "dora"):
        empty.accounts.create(name, display_name=f"{name} 50%", email=f"{name}@Example.com")

    first, cursor = empty.accounts.list(limit=3)
    second, end = empty.accounts.list(limit=3, cursor=cursor)

    assert [a.user.name for a in [*first, *second]] == ["anna", "berta", "clara", "dora"]
    assert end == ""
    assert [a.user.name for a in empty.accounts.list(query="BERTA@example")[0]] == ["berta"]
    assert len(empty.accounts.list(query="50%")[0]) == 4
    assert empty.accounts.list(query="5_%")[0] == []


def test_a_new_password_ends_the_other_sessions(catalog: SqlCatalog, user: User) -> None:
    kept, kept_secret = catalog.sessions.begin(user.user_id, "here")
    _, other_secret = catalog.sessions.begin(user.user_id, "there")

    catalog.accounts.set_password(user.user_id, "hash", keep_session=kept.session_id)

    assert catalog.sessions.principal_of(kept_secret) is not None
    assert catalog.sessions.principal_of(other_secret) is None


def test_a_better_hash_does_not_undo_a_change_of_password(catalog: SqlCatalog, user: User) -> None:
    catalog.accounts.set_password(user.user_id, "new")

    catalog.accounts.improve_hash(user.user_id, "old", "old, better")

    credential = catalog.accounts.credential(user.name)
    assert credential is not None
    assert credential.password_hash == "new"


def test_an_e_mail_that_changes_is_no_longer_verified(catalog: SqlCatalog) -> None:
    made = catalog.accounts.create(f"user {new_id()}", email="Me@Example.com")
    assert (made.email, made.email_verified) == ("me@example.com", True)

    same = catalog.accounts.change(made.user.user_id, email="me@example.COM")
    other = catalog.accounts.change(made.user.user_id, email="boss@example.com")

    assert same.email_verified
    assert not other.email_verified


def test_what_a_removed_user_owned_goes_to_the_heir(catalog: SqlCatalog, user: User) -> None:
    heir = catalog.people.create_user(f"heir {new_id()}")
    mine = catalog.collections.create("Papers", user.user_id)
    catalog.collections.create("Papers", heir.user_id)
    reserved = catalog.documents.reserve(mine.collection_id, user.user_id, "a.txt")
    catalog.documents.confirm(reserved.document_id, 1, size_bytes=1, sha256="a")
    with pytest.raises(InvalidRequest, match="transfer_to"):
        catalog.accounts.delete(user.user_id)
    with pytest.raises(NotFound):
        catalog.accounts.delete(user.user_id, transfer_to="nobody")

    catalog.accounts.delete(user.user_id, transfer_to=heir.user_id)

    inherited = catalog.collections.get(mine.collection_id)
    document = catalog.documents.get(reserved.document_id)
    assert inherited is not None
    assert document is not None
    assert (inherited.owner_id, document.owner_id) == (heir.user_id, heir.user_id)
    assert inherited.name == f"Papers ({user.name})"
    assert catalog.accounts.get(user.user_id) is None


def test_a_user_who_owns_nothing_goes_with_all_their_ways_in(
    catalog: SqlCatalog, user: User
) -> None:
    _, session = catalog.sessions.begin(user.user_id, "")
    _, key = catalog.people.create_token(user.user_id, "laptop")
    group = catalog.groups.create(f"group {new_id()}")
    catalog.groups.add(group.group_id, user.user_id)

    catalog.accounts.delete(user.user_id)

    assert catalog.sessions.principal_of(session) is None
    assert catalog.sessions.principal_of(key) is None
    assert catalog.groups.members(group.group_id) == []
    with pytest.raises(NotFound):
        catalog.accounts.delete(user.user_id)


# --- sessions and keys ------------------------------------------------------------------------


def test_a_session_is_its_users_with_every_right(catalog: SqlCatalog, user: User) -> None:
    session, secret = catalog.sessions.begin(user.user_id, "Firefox, Linux")

    principal = catalog.sessions.principal_of(secret)

    assert principal is not None
    assert (principal.user, principal.scopes) == (user, EVERY_SCOPE)
    assert (principal.session_id, principal.key_id) == (session.session_id, "")
    assert catalog.sessions.principal_of(secret[:-1]) is None
    assert [each.label for each in catalog.sessions.list(user.user_id)] == ["Firefox, Linux"]
    account = catalog.accounts.get(user.user_id)
    assert account is not None
    assert account.last_signed_in_at is not None


def test_the_secret_of_a_session_is_not_stored(catalog: SqlCatalog, user: User) -> None:
    _, secret = catalog.sessions.begin(user.user_id, "")

    stored = catalog.database.read(lambda c: str(c.execute(select(sessions)).all()))

    assert secret not in stored
    assert secret.startswith("lcs_")


def test_using_a_session_moves_its_end(catalog: SqlCatalog, user: User) -> None:
    session, secret = catalog.sessions.begin(user.user_id, "")
    this = sessions.c.session_id == session.session_id
    soon = datetime.now(UTC) + timedelta(hours=1)
    rewind(catalog, sessions, this, expires_at=soon, last_used_at=soon - timedelta(days=13))

    catalog.sessions.principal_of(secret)

    (moved,) = catalog.sessions.list(user.user_id)
    assert moved.expires_at - datetime.now(UTC) > timedelta(days=13)


def test_a_session_ends_by_itself_or_by_its_user_alone(catalog: SqlCatalog, user: User) -> None:
    unused, unused_secret = catalog.sessions.begin(user.user_id, "")
    ended, ended_secret = catalog.sessions.begin(user.user_id, "")
    stranger = catalog.people.create_user(f"stranger {new_id()}")
    past = datetime.now(UTC) - timedelta(seconds=1)
    rewind(catalog, sessions, sessions.c.session_id == unused.session_id, expires_at=past)
    catalog.sessions.end(stranger.user_id, ended.session_id)
    assert catalog.sessions.principal_of(ended_secret) is not None

    catalog.sessions.end(user.user_id, ended.session_id)

    assert catalog.sessions.principal_of(unused_secret) is None
    assert catalog.sessions.principal_of(ended_secret) is None
    assert catalog.sessions.list(user.user_id) == []


def test_disabling_ends_sessions_and_stops_keys_until_enabled_again(
    catalog: SqlCatalog, user: User
) -> None:
    _, session = catalog.sessions.begin(user.user_id, "")
    _, key = catalog.people.create_token(user.user_id, "laptop")

    catalog.accounts.change(user.user_id, disabled=True)

    assert catalog.sessions.principal_of(session) is None
    assert catalog.sessions.principal_of(key) is None
    with pytest.raises(Forbidden):
        catalog.sessions.begin(user.user_id, "")
    catalog.accounts.change(user.user_id, disabled=False)
    assert catalog.sessions.principal_of(session) is None
    assert catalog.sessions.principal_of(key) is not None


def test_a_key_has_its_scopes_and_shows_how_it_begins(catalog: SqlCatalog, user: User) -> None:
    token, secret = catalog.people.create_token(user.user_id, "reader", scopes=["read"])

    principal = catalog.sessions.principal_of(secret)

    assert principal is not None
    assert principal.scopes == {"read"}
    assert principal.key_id == token.token_id
    assert secret.startswith(token.prefix)
    assert 4 < len(token.prefix) < 12
    assert catalog.people.tokens(user.user_id)[0].scopes == ("read",)


# --- limits -----------------------------------------------------------------------------------


def limit(attempts: int = 3, **options: float) -> Limit:
    return Limit(f"name:{new_id()}", attempts, options.get("first_lock_s", 30), 3600)


def test_after_too_many_attempts_one_has_to_wait_longer_each_time(catalog: SqlCatalog) -> None:
    of_name = limit(attempts=3)
    for _ in range(3):
        catalog.sign_in_limits.admit(of_name)

    waits = []
    for _ in range(3):
        with pytest.raises(RateLimited) as refused:
            catalog.sign_in_limits.admit(of_name)
        waits.append(refused.value.retry_after_s)
        past = datetime.now(UTC) - timedelta(seconds=1)
        rewind(
            catalog, sign_in_limits, sign_in_limits.c.subject == of_name.subject, locked_until=past
        )
        catalog.sign_in_limits.admit(of_name)

    assert waits == [30, 60, 120]


def test_guesses_made_at_once_are_all_counted(catalog: SqlCatalog) -> None:
    of_name = limit(attempts=3)

    results = at_once([lambda: catalog.sign_in_limits.admit(of_name) or True] * 8)

    assert len(successes(results)) == 3


def test_success_forgets_the_attempts_of_a_name_and_one_of_an_address(catalog: SqlCatalog) -> None:
    of_name, of_address = limit(attempts=2), limit(attempts=2)
    catalog.sign_in_limits.admit(of_name, of_address)
    catalog.sign_in_limits.admit(of_name, of_address)

    catalog.sign_in_limits.succeeded(of_name)
    catalog.sign_in_limits.forgive(of_address)

    catalog.sign_in_limits.admit(of_name, of_address)
    with pytest.raises(RateLimited):
        catalog.sign_in_limits.admit(of_address)
    catalog.sign_in_limits.admit(of_name)


def test_attempts_are_forgotten_after_a_while(catalog: SqlCatalog) -> None:
    of_name = limit(attempts=2)
    catalog.sign_in_limits.admit(of_name)
    before = datetime.now(UTC) - timedelta(hours=2)
    rewind(catalog, sign_in_limits, sign_in_limits.c.subject == of_name.subject, since=before)

    catalog.sign_in_limits.admit(of_name)

    catalog.sign_in_limits.admit(of_name)


def test_nothing_is_counted_against_one_while_the_other_has_to_wait(catalog: SqlCatalog) -> None:
    of_name, of_address = limit(attempts=1), limit(attempts=2)
    catalog.sign_in_limits.admit(of_name)

    for _ in range(5):
        with pytest.raises(RateLimited):
            catalog.sign_in_limits.admit(of_name, of_address)

    catalog.sign_in_limits.admit(of_address)


# --- groups -----------------------------------------------------------------------------------


def test_groups_hold_users(catalog: SqlCatalog, user: User) -> None:
    name = f"Editors {new_id()}"
    group = catalog.groups.create(name)
    with pytest.raises(InvalidRequest):
        catalog.groups.create(name.upper())

    catalog.groups.add(group.group_id, user.user_id)
    catalog.groups.add(group.group_id, user.user_id)

    assert [a.user for a in catalog.groups.members(group.group_id)] == [user]
    assert [g.group_id for g in catalog.groups.of_user(user.user_id)] == [group.group_id]
    found = catalog.groups.get(group.group_id)
    assert found is not None
    assert found.member_count == 1
    catalog.groups.remove(group.group_id, user.user_id)
    assert catalog.groups.of_user(user.user_id) == []
    catalog.groups.delete(group.group_id)
    assert catalog.groups.get(group.group_id) is None


def test_a_group_of_the_provider_is_not_filled_by_hand(catalog: SqlCatalog, user: User) -> None:
    group = catalog.groups.create(f"Lawyers {new_id()}", oidc_group="legal")

    with pytest.raises(InvalidRequest, match="'legal'"):
        catalog.groups.add(group.group_id, user.user_id)
    with pytest.raises(NotFound):
        catalog.groups.add("gone", user.user_id)


# --- invitations ------------------------------------------------------------------------------


def invite(catalog: SqlCatalog, **options: Any) -> tuple[str, str]:
    administrator = catalog.people.ensure_owner("administrator")
    options.setdefault("expires_at", datetime.now(UTC) + timedelta(days=1))
    invitation, secret = catalog.invitations.create(administrator.user_id, **options)
    return invitation.invitation_id, secret


def test_of_many_who_accept_one_invitation_at_once_one_gets_in(catalog: SqlCatalog) -> None:
    invitation_id, secret = invite(catalog)

    results = at_once(
        [
            lambda n=n: catalog.invitations.accept(secret, f"guest {n} {new_id()}", "hash")  # type: ignore[misc]
            for n in range(5)
        ]
    )

    assert len(successes(results)) == 1
    assert {type(r) for r in results if isinstance(r, LecternError)} == {NotFound}
    listed = {each.invitation_id: each for each in catalog.invitations.list()}
    assert listed[invitation_id].accepted_at is not None


def test_who_accepts_has_what_they_were_invited_to(catalog: SqlCatalog, user: User) -> None:
    shared = catalog.collections.create(f"shared {new_id()}", user.user_id)
    gone = catalog.collections.create(f"gone {new_id()}", user.user_id)
    grants = [(shared.collection_id, "editor"), (gone.collection_id, "viewer")]
    _, secret = invite(catalog, email="New@Example.com", grants=grants)
    catalog.collections.delete(gone.collection_id)

    account = catalog.invitations.accept(secret, f"guest {new_id()}", "hash", display_name="G")

    assert catalog.collections.role_of(account.user, shared.collection_id) == "editor"
    assert (account.email, account.email_verified) == ("new@example.com", True)
    assert (account.display_name, account.must_change_password) == ("G", False)


def test_an_invitation_can_be_void(catalog: SqlCatalog) -> None:
    past_id, past = invite(catalog)
    withdrawn_id, withdrawn = invite(catalog)
    expired = datetime.now(UTC) - timedelta(seconds=1)
    rewind(catalog, invitations, invitations.c.invitation_id == past_id, expires_at=expired)
    catalog.invitations.withdraw(withdrawn_id)

    for secret in (past, withdrawn, "lci_unknown", "\udcff"):
        assert not catalog.invitations.open(secret)
        with pytest.raises(NotFound):
            catalog.invitations.accept(secret, f"guest {new_id()}", "hash")


def test_the_invitation_of_who_is_no_administrator_any_more_is_void(catalog: SqlCatalog) -> None:
    former = catalog.people.create_user(f"former {new_id()}", is_admin=True)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    _, secret = catalog.invitations.create(former.user_id, is_admin=True, expires_at=tomorrow)
    catalog.accounts.change(former.user_id, is_admin=False)

    assert not catalog.invitations.open(secret)


def test_a_taken_name_leaves_the_invitation_open(catalog: SqlCatalog, user: User) -> None:
    _, secret = invite(catalog)

    with pytest.raises(InvalidRequest):
        catalog.invitations.accept(secret, user.name, "hash")

    assert catalog.invitations.open(secret)


# --- identities -------------------------------------------------------------------------------


def test_a_flow_is_taken_once_in_time_and_by_its_own_browser(catalog: SqlCatalog) -> None:
    flow = OidcFlow("nonce", "verifier", "https://here.example/")
    later = datetime.now(UTC) + timedelta(minutes=1)
    states = [new_id() for _ in range(3)]
    catalog.identities.begin_flow(states[0], "mine", flow, expires_at=later)
    catalog.identities.begin_flow(states[1], "mine", flow, expires_at=later)
    taken = at_once([lambda: catalog.identities.take_flow(states[0], "mine")] * 4)
    catalog.identities.begin_flow(states[2], "mine", flow, expires_at=datetime.now(UTC))

    assert successes(taken) == [flow]
    assert catalog.identities.take_flow(states[1], "another's") is None
    assert catalog.identities.take_flow(states[1], "mine") is None
    assert catalog.identities.take_flow(states[2], "mine") is None


def test_one_who_signs_in_twice_at_once_for_the_first_time_is_one_user(
    catalog: SqlCatalog,
) -> None:
    identity = ProviderIdentity("https://issuer", new_id(), f"jane {new_id()}")

    results = at_once([lambda: catalog.identities.sign_in(identity, link_verified_email=False)] * 4)

    assert len({account.user.user_id for account in successes(results)}) == 1


def test_two_accounts_with_the_same_e_mail_are_linked_to_neither(catalog: SqlCatalog) -> None:
    email = f"{new_id()}@example.com"
    known = {catalog.accounts.create(f"a {new_id()}", email=email).user.user_id for _ in range(2)}
    identity = ProviderIdentity(
        "https://issuer", new_id(), f"j {new_id()}", email=email, email_verified=True
    )

    account = catalog.identities.sign_in(identity, link_verified_email=True)

    assert account.user.user_id not in known


def test_a_provider_cannot_take_the_last_administrator_away(empty: SqlCatalog) -> None:
    def sign_in(*, is_admin: bool) -> bool:
        identity = ProviderIdentity("https://issuer", "jane", "jane", is_admin=is_admin)
        return empty.identities.sign_in(identity, link_verified_email=False).user.is_admin

    assert sign_in(is_admin=True)
    assert sign_in(is_admin=False), "nobody else could administer"
    empty.people.create_user("another", is_admin=True)
    assert not sign_in(is_admin=False)


# --- the audit log ----------------------------------------------------------------------------


def test_the_audit_log_is_read_in_pages_and_filtered(empty: SqlCatalog) -> None:
    for number in range(5):
        empty.audit.record("u1", "Ann", "user.created", subject=f"s{number}", detail={"n": "1"})
    empty.audit.record("u2", "Bob", "user_settings.changed", subject="s0")

    newest, cursor = empty.audit.list(limit=4)
    oldest, end = empty.audit.list(limit=4, cursor=cursor)

    entries = [entry.entry for entry in [*newest, *oldest]]
    assert entries == sorted(entries, reverse=True)
    assert (len(entries), end) == (6, "")
    assert len(empty.audit.list(action="user.")[0]) == 5
    assert [e.actor_name for e in empty.audit.list(actor_id="u2")[0]] == ["Bob"]
    assert len(empty.audit.list(subject="s0")[0]) == 2
    now = datetime.now(UTC)
    assert empty.audit.list(since=now + timedelta(hours=1))[0] == []
    assert len(empty.audit.list(until=now + timedelta(hours=1))[0]) == 6
    for cursor in ("x", "-1", "99999999999"):
        with pytest.raises(InvalidRequest):
            empty.audit.list(cursor=cursor)


# --- the migration ----------------------------------------------------------------------------


def test_those_who_were_there_before_can_sign_in_under_different_names(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    upgrade(f"sqlite:///{path}", target="0001")
    before = sqlite3.connect(path)
    for user_id, name in (("u1", "Kim"), ("u2", "KIM"), ("u3", "Ünal")):
        before.execute("INSERT INTO users VALUES (?, ?, 1, '2026-01-01')", (user_id, name))
    before.execute(
        "INSERT INTO api_tokens (token_id, user_id, label, secret_sha256, created_at)"
        " VALUES ('t', 'u3', 'old', 'aa', '2026-01-01')"
    )
    before.commit()
    before.close()

    migrate(Settings(home=tmp_path))

    catalog = open_catalog(Settings(home=tmp_path))
    by_name = {name: catalog.accounts.by_name(name) for name in ("kim", "kim-u1", "ünal")}
    assert {name: a and a.user.user_id for name, a in by_name.items()} == {
        "kim": "u2",
        "kim-u1": "u1",
        "ünal": "u3",
    }
    assert catalog.people.tokens("u3")[0].scopes == ("read", "write", "admin")
    catalog.close()


def test_a_failure_now_and_then_never_adds_up_to_a_lock(catalog: SqlCatalog) -> None:
    of_address = limit(attempts=3)

    for _ in range(12):
        catalog.sign_in_limits.admit(of_address)
        an_age_ago = datetime.now(UTC) - timedelta(minutes=50)
        rewind(
            catalog,
            sign_in_limits,
            sign_in_limits.c.subject == of_address.subject,
            since=an_age_ago,
        )

    catalog.sign_in_limits.admit(of_address)


def test_a_session_begun_with_a_key_ends_with_it(catalog: SqlCatalog) -> None:
    user = catalog.people.create_user(f"keyed {new_id()}")
    key, _ = catalog.people.create_token(user.user_id, "ci")
    _, of_key = catalog.sessions.begin(user.user_id, "", key_id=key.token_id)
    _, of_password = catalog.sessions.begin(user.user_id, "")

    catalog.people.revoke_token(user.user_id, key.token_id)

    assert catalog.sessions.principal_of(of_key) is None
    assert catalog.sessions.principal_of(of_password) is not None


def test_a_session_ends_for_good_however_often_it_is_used(catalog: SqlCatalog) -> None:
    user = catalog.people.create_user(f"busy {new_id()}")
    soon = datetime.now(UTC) + timedelta(days=3)
    session, secret = catalog.sessions.begin(user.user_id, "", ends_at=soon)
    assert session.expires_at == soon
    long, of_long = catalog.sessions.begin(user.user_id, "")
    assert long.expires_at - long.created_at == timedelta(days=14)

    for each in (session, long):
        earlier = datetime.now(UTC) - timedelta(hours=1)
        rewind(catalog, sessions, sessions.c.session_id == each.session_id, last_used_at=earlier)
    catalog.sessions.principal_of(secret)
    catalog.sessions.principal_of(of_long)

    ends = {each.session_id: each.expires_at for each in catalog.sessions.list(user.user_id)}
    assert ends[session.session_id] == soon
    assert ends[long.session_id] >= long.expires_at
