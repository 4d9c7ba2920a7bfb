"""Users, groups and invitations: for administrators."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from lectern.api.bodies import Reply, Request
from lectern.api.people import DisplayName, Email, Password, UserName


class UserReply(Reply):
    """A user as administrators see them.

    `temporary_password` is present only in the answer to its making: it is shown once, and has to
    be changed at the first sign-in.
    """

    user_id: str
    name: str
    display_name: str
    email: str
    is_admin: bool
    disabled: bool
    has_password: bool
    must_change_password: bool
    created_at: datetime
    last_signed_in_at: datetime | None = None
    temporary_password: str | None = None


class UserQuery(Request):
    """A page of users; `query` is contained in the name, display name or e-mail."""

    query: Annotated[str, Field(max_length=100)] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: str = ""


class UserList(Reply):
    """Users by name; `cursor` is "" on the last page."""

    users: list[UserReply]
    cursor: str = ""


class UserRequest(Request):
    """A new user, with a temporary password unless they sign in through a provider only."""

    name: UserName
    display_name: DisplayName = ""
    email: Email = ""
    is_admin: bool = False
    with_password: bool = True


class UserChange(Request):
    """What an administrator changes about a user; what is left out stays.

    Disabling ends all sessions and stops all keys until the user is enabled again.
    `reset_password` makes a temporary password and ends all sessions.
    """

    display_name: DisplayName | None = None
    email: Email | None = None
    is_admin: bool | None = None
    disabled: bool | None = None
    reset_password: bool = False


class UserDeletion(Request):
    """Who shall own what the user owns; needed when that is anything."""

    transfer_to: Annotated[str, Field(max_length=64)] = ""


class InvitationGrant(Request):
    """A role that whoever accepts will have; the collection is an id or a slug."""

    collection: Annotated[str, Field(min_length=1, max_length=100)]
    role: Literal["viewer", "editor"] = "viewer"


class InvitationRequest(Request):
    """An invitation to make one account."""

    email: Email = ""
    is_admin: bool = False
    grants: Annotated[list[InvitationGrant], Field(max_length=50)] = []
    expires_in_days: Annotated[int, Field(ge=1, le=30)] = 7


class InvitationReply(Reply):
    """An invitation; `secret` is present only in the answer to its creation.

    `grants` name collections by id.
    """

    invitation_id: str
    email: str
    is_admin: bool
    grants: list[InvitationGrant]
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None
    secret: str | None = None


class InvitationList(Reply):
    """Invitations, newest first, the accepted and the expired ones of the last 30 days too."""

    invitations: list[InvitationReply]


class InvitationAcceptance(Request):
    """The secret of an invitation, and the account to be made."""

    secret: Annotated[str, Field(min_length=1, max_length=200)]
    name: UserName
    password: Password
    display_name: DisplayName = ""


class GroupRequest(Request):
    """A new group. With `oidc_group`, the provider's claim decides who is in it."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    oidc_group: Annotated[str, Field(max_length=200)] = ""


class GroupReply(Reply):
    """A group and how many are in it."""

    group_id: str
    name: str
    oidc_group: str
    member_count: int


class GroupList(Reply):
    """Groups by name."""

    groups: list[GroupReply]


class GroupMember(Reply):
    """Somebody in a group."""

    user_id: str
    name: str
    display_name: str


class GroupMemberList(Reply):
    """Who is in a group, by name."""

    members: list[GroupMember]
