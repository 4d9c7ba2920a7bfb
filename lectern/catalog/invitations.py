"""Invitations to make one account each."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from lectern.catalog import bearer
from lectern.catalog.database import Database, reads, take_turns, writes
from lectern.catalog.enrolling import account_of, enrol
from lectern.catalog.records import GrantedRole
from lectern.catalog.records_accounts import Account, Invitation
from lectern.catalog.rows import now
from lectern.catalog.spelling import folded, storable
from lectern.catalog.tables import collections, users
from lectern.catalog.tables_accounts import invitations
from lectern.catalog.tables_sharing import grants
from lectern.documents import new_id
from lectern.errors import NotFound

_LISTED_FOR = timedelta(days=30)


class SqlInvitations:
    """See `Invitations`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def create(
        self,
        connection: Connection,
        invited_by: str,
        *,
        email: str = "",
        is_admin: bool = False,
        grants: Sequence[tuple[str, GrantedRole]] = (),
        expires_at: datetime,
    ) -> tuple[Invitation, str]:
        """See `Invitations.create`; those past for 30 days are removed meanwhile."""
        at = now()
        connection.execute(delete(invitations).where(invitations.c.expires_at <= at - _LISTED_FOR))
        secret = bearer.new_secret(bearer.INVITATION)
        row = connection.execute(
            insert(invitations)
            .values(
                invitation_id=new_id(),
                secret_sha256=bearer.digest(secret),
                email=folded(email),
                is_admin=is_admin,
                grants=[list(grant) for grant in dict(grants).items()],
                invited_by=invited_by,
                created_at=at,
                expires_at=expires_at,
            )
            .returning(invitations)
        ).one()
        return _invitation_of(row), secret

    @reads
    def list(self, connection: Connection) -> Sequence[Invitation]:
        """See `Invitations.list`."""
        newest_first = (
            select(invitations)
            .where(invitations.c.expires_at > now() - _LISTED_FOR)
            .order_by(invitations.c.created_at.desc(), invitations.c.invitation_id)
        )
        return [_invitation_of(row) for row in connection.execute(newest_first)]

    @writes
    def withdraw(self, connection: Connection, invitation_id: str) -> None:
        """See `Invitations.withdraw`."""
        connection.execute(delete(invitations).where(invitations.c.invitation_id == invitation_id))

    @reads
    def open(self, connection: Connection, secret: str) -> bool:
        """See `Invitations.open`."""
        return connection.execute(_acceptable(secret)).first() is not None

    @writes
    def accept(
        self,
        connection: Connection,
        secret: str,
        name: str,
        password_hash: str,
        *,
        display_name: str = "",
    ) -> Account:
        """See `Invitations.accept`."""
        take_turns(connection, "users")
        invitation = connection.execute(_acceptable(secret)).first()
        if invitation is None:
            raise NotFound(
                "this invitation is unknown, used or expired; ask for a new one",
                code="invitation_void",
            )
        row = enrol(
            connection,
            name,
            is_admin=invitation.is_admin,
            display_name=storable(display_name),
            email=invitation.email,
            email_verified=bool(invitation.email),
            password_hash=password_hash,
        )
        connection.execute(
            update(invitations)
            .where(invitations.c.invitation_id == invitation.invitation_id)
            .values(accepted_at=now())
        )
        for collection_id, role in invitation.grants:
            _grant(connection, row.user_id, collection_id, role)
        return account_of(row)


def _acceptable(secret: str) -> Select[Any]:
    return (
        select(invitations)
        .join(users, users.c.user_id == invitations.c.invited_by)
        .where(
            invitations.c.secret_sha256 == bearer.digest(secret),
            invitations.c.accepted_at.is_(None),
            invitations.c.expires_at > now(),
            users.c.disabled_at.is_(None),
            users.c.is_admin,
        )
    )


def _grant(connection: Connection, user_id: str, collection_id: str, role: str) -> None:
    """Give the new user a role in a collection, if it still exists."""
    there = select(collections).where(collections.c.collection_id == collection_id)
    if connection.execute(there.with_for_update(key_share=True)).first() is not None:
        connection.execute(
            insert(grants).values(
                grant_id=new_id(), collection_id=collection_id, user_id=user_id, role=role
            )
        )


def _invitation_of(row: Row[Any]) -> Invitation:
    return Invitation(
        invitation_id=row.invitation_id,
        email=row.email,
        is_admin=row.is_admin,
        grants=tuple((collection_id, role) for collection_id, role in row.grants),
        invited_by=row.invited_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        accepted_at=row.accepted_at,
    )
