"""Users, groups, invitations and the audit log over HTTP; for administrators."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from lectern.api import (
    ApiKey,
    ApiKeyList,
    AuditList,
    AuditQuery,
    GroupList,
    GroupMember,
    GroupMemberList,
    GroupReply,
    GroupRequest,
    InvitationList,
    InvitationReply,
    InvitationRequest,
    UserChange,
    UserList,
    UserQuery,
    UserReply,
    UserRequest,
)
from lectern.client.connection import Connection


class Users:
    """Everybody who may sign in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, query: UserQuery | None = None) -> UserList:
        """Return a page of users by name."""
        asked = (query or UserQuery()).model_dump(exclude_defaults=True)
        return self._connection.fetch("catalog", "GET", "/v1/users", UserList, query=asked)

    def create(self, user: UserRequest) -> UserReply:
        """Create a user; their `temporary_password` is never shown again."""
        return self._connection.fetch("catalog", "POST", "/v1/users", UserReply, body=user)

    def change(self, user_id: str, change: UserChange) -> UserReply:
        """Change a user.

        Raises:
            InvalidRequest: They are the last administrator and would be none, or be disabled.
        """
        path = _path("users", user_id)
        return self._connection.fetch("catalog", "PATCH", path, UserReply, body=change)

    def delete(self, user_id: str, *, transfer_to: str = "") -> None:
        """Remove a user and hand what they own to somebody else.

        Raises:
            InvalidRequest: They are the last administrator, or own something and nobody is named.
        """
        query = {"transfer_to": transfer_to} if transfer_to else None
        self._connection.send("catalog", "DELETE", _path("users", user_id), query=query)

    def api_keys(self, user_id: str) -> Sequence[ApiKey]:
        """Return somebody's API keys, newest first, without their secrets."""
        path = f"{_path('users', user_id)}/api-keys"
        return self._connection.fetch("catalog", "GET", path, ApiKeyList).api_keys

    def revoke_api_key(self, user_id: str, key_id: str) -> None:
        """Make a key useless at once; an unknown one is no error."""
        path = f"{_path('users', user_id)}/api-keys/{quote(key_id, safe='')}"
        self._connection.send("catalog", "DELETE", path)


class Invitations:
    """Links with which people make their own accounts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> Sequence[InvitationReply]:
        """Return invitations, newest first."""
        return self._connection.fetch(
            "catalog", "GET", "/v1/invitations", InvitationList
        ).invitations

    def create(self, invitation: InvitationRequest) -> InvitationReply:
        """Return a new invitation; its `secret` is never shown again."""
        return self._connection.fetch(
            "catalog", "POST", "/v1/invitations", InvitationReply, body=invitation
        )

    def withdraw(self, invitation_id: str) -> None:
        """Make an invitation useless at once; an unknown one is no error."""
        self._connection.send("catalog", "DELETE", _path("invitations", invitation_id))


class Groups:
    """Named sets of users, with whom collections can be shared."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> Sequence[GroupReply]:
        """Return all groups by name."""
        return self._connection.fetch("catalog", "GET", "/v1/groups", GroupList).groups

    def create(self, name: str, *, oidc_group: str = "") -> GroupReply:
        """Create a group.

        Raises:
            InvalidRequest: The name is taken.
        """
        body = GroupRequest(name=name, oidc_group=oidc_group)
        return self._connection.fetch("catalog", "POST", "/v1/groups", GroupReply, body=body)

    def delete(self, group_id: str) -> None:
        """Remove a group and what was shared with it; an unknown one is no error."""
        self._connection.send("catalog", "DELETE", _path("groups", group_id))

    def members(self, group_id: str) -> Sequence[GroupMember]:
        """Return who is in a group, by name."""
        path = _path("groups", group_id) + "/members"
        return self._connection.fetch("catalog", "GET", path, GroupMemberList).members

    def add(self, group_id: str, user_id: str) -> None:
        """Put a user into a group. Safe to repeat.

        Raises:
            InvalidRequest: The provider decides who is in this group.
        """
        self._connection.send("catalog", "PUT", _member(group_id, user_id))

    def remove(self, group_id: str, user_id: str) -> None:
        """Take a user out of a group. Safe to repeat."""
        self._connection.send("catalog", "DELETE", _member(group_id, user_id))


class AuditLog:
    """Who did what when."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, query: AuditQuery | None = None) -> AuditList:
        """Return a page of the log, newest first."""
        asked: dict[str, Any] = (query or AuditQuery()).model_dump(
            mode="json", exclude_defaults=True
        )
        return self._connection.fetch("catalog", "GET", "/v1/audit", AuditList, query=asked)


def _path(kind: str, identifier: str) -> str:
    return f"/v1/{kind}/" + quote(identifier, safe="")


def _member(group_id: str, user_id: str) -> str:
    return _path("groups", group_id) + "/members/" + quote(user_id, safe="")
