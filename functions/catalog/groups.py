"""Groups, for administrators."""

from functions.catalog.account_replies import group_reply, member_reply
from functions.catalog.service import administrator, api
from lectern.api import GroupList, GroupMemberList, GroupReply, GroupRequest
from lectern.errors import NotFound
from lectern.serving.http import read_body


@api.route("GET", "/v1/groups", reply=GroupList)
def list_groups() -> GroupList:
    """List groups by name."""
    access = administrator()
    return GroupList(groups=[group_reply(group) for group in access.catalog.groups.list()])


@api.route("POST", "/v1/groups", body=GroupRequest, reply=GroupReply, status=201)
def create_group() -> GroupReply:
    """Create a group; with `oidc_group`, the provider decides who is in it."""
    access = administrator()
    asked = read_body(GroupRequest)
    group = access.catalog.groups.create(asked.name, oidc_group=asked.oidc_group)
    access.record("group.created", group.group_id)
    return group_reply(group)


@api.route("DELETE", "/v1/groups/<group_id>", status=204)
def delete_group(group_id: str) -> None:
    """Remove a group and what was shared with it; an unknown one is no error."""
    access = administrator()
    access.catalog.groups.delete(group_id)
    access.record("group.deleted", group_id)


@api.route("GET", "/v1/groups/<group_id>/members", reply=GroupMemberList)
def list_members(group_id: str) -> GroupMemberList:
    """List who is in a group, by name."""
    access = administrator()
    if access.catalog.groups.get(group_id) is None:
        raise NotFound(f"there is no group {group_id!r}")
    members = access.catalog.groups.members(group_id)
    return GroupMemberList(members=[member_reply(account) for account in members])


@api.route("PUT", "/v1/groups/<group_id>/members/<user_id>", status=204)
def add_member(group_id: str, user_id: str) -> None:
    """Put a user into a group. Safe to repeat."""
    access = administrator()
    access.catalog.groups.add(group_id, user_id)
    access.record("group.member_added", group_id, user=user_id)


@api.route("DELETE", "/v1/groups/<group_id>/members/<user_id>", status=204)
def remove_member(group_id: str, user_id: str) -> None:
    """Take a user out of a group. Safe to repeat."""
    access = administrator()
    access.catalog.groups.remove(group_id, user_id)
    access.record("group.member_removed", group_id, user=user_id)
