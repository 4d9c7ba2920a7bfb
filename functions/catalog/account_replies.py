"""From the catalog's records of accounts to the API's replies."""

from lectern.access import Access
from lectern.api import (
    AuditEntry,
    GroupMember,
    GroupName,
    GroupReply,
    InvitationGrant,
    InvitationReply,
    Me,
    SessionReply,
    UserReply,
)
from lectern.catalog import records_accounts as records
from lectern.catalog.port import Catalog
from lectern.catalog.records import Scope
from lectern.errors import Unauthorized


def me_of(access: Access) -> Me:
    """Return who the caller is.

    Raises:
        Unauthorized: They were removed meanwhile.
    """
    account = access.catalog.accounts.get(access.user.user_id)
    if account is None:
        raise Unauthorized("this user was removed")
    return me_reply(access.catalog, account, access.scopes)


def me_reply(catalog: Catalog, account: records.Account, scopes: frozenset[Scope]) -> Me:
    """Return an account as its owner sees it through a token with these scopes."""
    user = account.user
    return Me(
        user_id=user.user_id,
        name=user.name,
        is_admin=user.is_admin and "admin" in scopes,
        email=account.email,
        display_name=account.display_name,
        language=account.language,
        groups=[
            GroupName(group_id=group.group_id, name=group.name)
            for group in catalog.groups.of_user(user.user_id)
        ],
        has_password=account.has_password,
        must_change_password=account.must_change_password,
        scopes=sorted(scopes, key=("read", "write", "admin").index),
    )


def session_reply(session: records.Session, *, current: bool) -> SessionReply:
    """Return a session as its owner sees it."""
    return SessionReply(
        session_id=session.session_id,
        label=session.label,
        created_at=session.created_at,
        last_used_at=session.last_used_at,
        expires_at=session.expires_at,
        current=current,
    )


def user_reply(account: records.Account, *, temporary_password: str | None = None) -> UserReply:
    """Return an account as administrators see it."""
    return UserReply(
        user_id=account.user.user_id,
        name=account.user.name,
        display_name=account.display_name,
        email=account.email,
        is_admin=account.user.is_admin,
        disabled=account.disabled,
        has_password=account.has_password,
        must_change_password=account.must_change_password,
        created_at=account.user.created_at,
        last_signed_in_at=account.last_signed_in_at,
        temporary_password=temporary_password,
    )


def invitation_reply(
    invitation: records.Invitation, *, secret: str | None = None
) -> InvitationReply:
    """Return an invitation as administrators see it."""
    return InvitationReply(
        invitation_id=invitation.invitation_id,
        email=invitation.email,
        is_admin=invitation.is_admin,
        grants=[
            InvitationGrant(collection=collection_id, role=role)
            for collection_id, role in invitation.grants
        ],
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        accepted_at=invitation.accepted_at,
        secret=secret,
    )


def group_reply(group: records.Group) -> GroupReply:
    """Return a group."""
    return GroupReply(
        group_id=group.group_id,
        name=group.name,
        oidc_group=group.oidc_group,
        member_count=group.member_count,
    )


def member_reply(account: records.Account) -> GroupMember:
    """Return somebody in a group."""
    return GroupMember(
        user_id=account.user.user_id, name=account.user.name, display_name=account.display_name
    )


def audit_reply(entry: records.AuditEntry) -> AuditEntry:
    """Return a line of the audit log."""
    return AuditEntry(
        entry=entry.entry,
        at=entry.at,
        actor_id=entry.actor_id,
        actor_name=entry.actor_name,
        action=entry.action,
        subject=entry.subject,
        detail=dict(entry.detail),
    )
