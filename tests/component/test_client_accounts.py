"""The client's methods about accounts against the real catalog function."""

from collections.abc import Iterator

import httpx
import pytest

from lectern.api import (
    AuditQuery,
    InvitationAcceptance,
    InvitationRequest,
    MeChange,
    UserChange,
    UserQuery,
    UserRequest,
)
from lectern.client import Lectern
from lectern.documents import new_id
from lectern.errors import Forbidden, InvalidRequest, NotFound, RateLimited, Unauthorized
from tests.component.catalog_world import World, running_world

PASSWORD = "a password of mine"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("accounts")) as world:
        yield world


def client(world: World, token: str = "") -> Lectern:
    transport = httpx.WSGITransport(world.client.application)
    return Lectern("http://localhost", token, transport=transport)


@pytest.fixture
def admin(world: World) -> Lectern:
    return client(world, world.secrets["administrator"])


def test_an_invited_guest_signs_in_and_out(world: World, admin: Lectern) -> None:
    nobody = client(world)
    name = f"guest {new_id()}"
    invitation = admin.invitations.create(InvitationRequest(email="g@example.com"))
    assert invitation.secret
    acceptance = InvitationAcceptance(secret=invitation.secret, name=name, password=PASSWORD)

    nobody.account.accept_invitation(acceptance)
    with pytest.raises(NotFound):
        nobody.account.accept_invitation(acceptance.model_copy(update={"name": "other"}))
    signed_in = nobody.account.login(name, PASSWORD, address="192.0.2.1", browser="Firefox/140.0")
    guest = client(world, signed_in.token)

    assert guest.account.me().name == name
    assert {session.label for session in guest.account.sessions()} > {"Firefox"}
    guest.account.logout()
    with pytest.raises(Unauthorized):
        guest.account.me()
    assert invitation.invitation_id in {i.invitation_id for i in admin.invitations.list()}
    admin.invitations.withdraw(invitation.invitation_id)


def test_a_user_is_created_changed_and_removed(world: World, admin: Lectern) -> None:
    made = admin.users.create(UserRequest(name=f"new {new_id()}", display_name="New"))
    assert made.temporary_password
    token = client(world).account.login(made.name, made.temporary_password).token
    me = client(world, token)

    assert me.account.me().must_change_password
    assert not me.account.change_password(made.temporary_password, PASSWORD).must_change_password
    assert me.account.change(MeChange(language="ko")).display_name == "New"
    assert admin.users.list(UserQuery(query=made.name)).users[0].user_id == made.user_id
    assert admin.users.change(made.user_id, UserChange(disabled=True)).disabled
    with pytest.raises(Unauthorized):
        me.account.me()
    admin.users.delete(made.user_id)
    actions = admin.audit.list(AuditQuery(subject=made.user_id)).entries
    assert {"user.created", "user.changed", "user.deleted"} <= {e.action for e in actions}


def test_groups_come_and_go(world: World, admin: Lectern) -> None:
    group = admin.groups.create(f"group {new_id()}")
    viewer = world.users["viewer"]

    admin.groups.add(group.group_id, viewer.user_id)

    assert [m.user_id for m in admin.groups.members(group.group_id)] == [viewer.user_id]
    admin.groups.remove(group.group_id, viewer.user_id)
    admin.groups.delete(group.group_id)
    assert group.group_id not in {each.group_id for each in admin.groups.list()}


def test_what_is_refused_comes_back_as_its_error(world: World) -> None:
    owner = client(world, world.secrets["owner"])

    with pytest.raises(Forbidden):
        owner.users.list()
    with pytest.raises(Forbidden) as done:
        client(world).account.setup("thief", PASSWORD)
    assert done.value.code == "setup_done"
    assert client(world).account.setup_needed() is False
    assert client(world).account.oidc().enabled is False
    with pytest.raises(InvalidRequest):
        owner.account.change_password("", "short")
    limited = owner.api_keys.create("reader", scopes=["read"])
    with pytest.raises(Forbidden):
        client(world, limited.secret or "").account.begin_session()


def test_too_many_attempts_say_how_long_to_wait(world: World) -> None:
    nobody = client(world)
    name = f"nobody {new_id()}"
    for _ in range(8):
        with pytest.raises(Unauthorized):
            nobody.account.login(name, PASSWORD)

    with pytest.raises(RateLimited) as refused:
        nobody.account.login(name, PASSWORD)

    assert 0 < refused.value.retry_after_s <= 30


def test_a_session_is_ended_from_another(world: World) -> None:
    owner = client(world, world.secrets["owner"])
    token = owner.account.begin_session(browser="Firefox/140.0").token
    session = client(world, token)
    (current,) = [each for each in session.account.sessions() if each.current]

    owner.account.end_session(current.session_id)

    with pytest.raises(Unauthorized):
        session.account.me()
