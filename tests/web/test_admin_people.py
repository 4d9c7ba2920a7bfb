"""Administrators remove people and put them into groups."""

import pytest
from streamlit.testing.v1 import AppTest

from lectern.api import CollectionReply, UserChange, UserQuery, UserReply, UserRequest
from lectern.documents import new_id
from tests.web.conftest import World, page_of

MANY = 130


@pytest.fixture(scope="module")
def crowd(world: World) -> str:
    """More people than a page of the list has; return how their names begin."""
    name = f"crowd-{new_id()}"
    with world.lectern("admin") as lectern:
        for number in range(MANY):
            lectern.users.create(UserRequest(name=f"{name}-{number:03}"))
    return name


def somebody(world: World, name: str) -> UserReply:
    with world.lectern("admin") as lectern:
        return lectern.users.list(UserQuery(query=name, limit=1)).users[0]


def owned_by(world: World, user: UserReply) -> CollectionReply:
    with world.lectern("admin") as lectern:
        made = lectern.collections.create(f"shelf {new_id()}")
        return lectern.collections.transfer(made.collection_id, user.user_id)


def asking_to_remove(world: World, user: UserReply) -> AppTest:
    at = page_of(world, "admin", "admin")
    at.text_input(key="admin-user-query").set_value(user.name).run()
    return in_the_dialog(at, user)


def in_the_dialog(at: AppTest, user: UserReply) -> AppTest:
    """Run the page with the dialog open: AppTest draws all of it, never a fragment."""
    at.menu_button(key=f"user-menu-{user.user_id}").set_value("remove").run()
    assert not at.exception
    return at


def test_nobody_takes_over_unless_chosen(world: World, crowd: str) -> None:
    leaving = somebody(world, f"{crowd}-001")
    with world.lectern("admin") as lectern:
        lectern.users.change(somebody(world, f"{crowd}-002").user_id, UserChange(disabled=True))
    at = asking_to_remove(world, leaving)
    key = f"admin-heir-{leaving.user_id}"

    assert at.pills(key=key).value is None
    at.text_input(key=f"{key}-name").set_value(f"{crowd}-00")
    in_the_dialog(at, leaving)

    assert at.pills(key=key).options == [
        rf"crowd\-{crowd[6:]}\-00{n}" for n in (0, 3, 4, 5, 6, 7, 8, 9)
    ]
    at.button(key="admin-remove").click()
    in_the_dialog(at, leaving)
    with world.lectern("admin") as lectern:
        assert lectern.users.list(UserQuery(query=leaving.name)).users == []


def test_somebody_beyond_the_first_page_takes_over(world: World, crowd: str) -> None:
    leaving, heir = somebody(world, f"{crowd}-010"), somebody(world, f"{crowd}-{MANY - 1}")
    shelf = owned_by(world, leaving)
    at = asking_to_remove(world, leaving)
    key = f"admin-heir-{leaving.user_id}"
    at.text_input(key=f"{key}-name").set_value(heir.name)
    in_the_dialog(at, leaving)

    with world.lectern("admin") as lectern:
        (choice,) = lectern.collections.people(heir.name)
    at.pills(key=key).set_value(choice)
    at.button(key="admin-remove").click()
    in_the_dialog(at, leaving)

    with world.lectern("admin") as lectern:
        assert lectern.collections.get(shelf.slug).owner_id == heir.user_id


def test_a_member_is_found_by_name_among_many(world: World, crowd: str) -> None:
    with world.lectern("admin") as lectern:
        group = lectern.groups.create(f"group {new_id()}")
        wanted = somebody(world, f"{crowd}-{MANY - 1}")
        (choice,) = lectern.collections.people(wanted.name)
    at = page_of(world, "admin", "admin")
    at.session_state["admin-tab"] = "Groups"
    at.session_state[f"group-{group.group_id}"] = True
    at.run()

    at.text_input(key=f"in-{group.group_id}-name").set_value(wanted.name).run()
    at.pills(key=f"in-{group.group_id}").set_value(choice).run()

    assert not at.exception
    with world.lectern("admin") as lectern:
        assert [m.user_id for m in lectern.groups.members(group.group_id)] == [wanted.user_id]


def test_names_are_never_markdown(world: World) -> None:
    name = f"a*b*_{new_id()}_"
    at = page_of(world, "admin", "admin")

    form = at.form("admin-new-user")
    form.text_input[0].set_value(name)
    form.button[0].click().run()

    shown = next(each.value for each in at.markdown if "shown this once" in each.value)
    assert r"a\*b\*\_" in shown


def test_an_administrator_sees_somebodys_keys_and_revokes_one(world: World) -> None:
    with world.lectern("reader") as reader:
        kept, lost = (reader.api_keys.create(label, scopes=["read"]) for label in ("kept", "lost"))
        user = somebody(world, reader.me().name)
    at = page_of(world, "admin", "admin")
    at.text_input(key="admin-user-query").set_value(user.name).run()

    def opened() -> AppTest:
        at.menu_button(key=f"user-menu-{user.user_id}").set_value("keys").run()
        assert not at.exception
        return at

    shown = [each.value for each in opened().text]
    assert {"kept", "lost"} <= set(shown)
    at.button(key=f"admin-revoke-{lost.key_id}").click()
    opened()

    with world.lectern("reader") as reader:
        left = {key.key_id for key in reader.api_keys.list()}
        reader.api_keys.revoke(kept.key_id)
    assert kept.key_id in left
    assert lost.key_id not in left
