"""Accounts at an OpenID provider, and the flows that lead to them."""

from datetime import datetime
from hmac import compare_digest
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from lectern.catalog import bearer
from lectern.catalog.database import Database, take_turns, writes
from lectern.catalog.enrolling import (
    account_of,
    enrol,
    free_name,
    require_another_administrator,
    user_row,
)
from lectern.catalog.groups import follow_provider
from lectern.catalog.records_accounts import Account, OidcFlow, ProviderIdentity
from lectern.catalog.rows import now
from lectern.catalog.spelling import folded, storable
from lectern.catalog.tables import users
from lectern.catalog.tables_accounts import identities, oidc_flows
from lectern.errors import Forbidden, InvalidRequest

_DISPLAY_NAME_MAX = 100


class SqlIdentities:
    """See `Identities`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def begin_flow(
        self,
        connection: Connection,
        state: str,
        browser_secret: str,
        flow: OidcFlow,
        *,
        expires_at: datetime,
    ) -> None:
        """See `Identities.begin_flow`; flows that ran out are removed meanwhile."""
        connection.execute(delete(oidc_flows).where(oidc_flows.c.expires_at <= now()))
        connection.execute(
            insert(oidc_flows).values(
                state_sha256=bearer.digest(state),
                browser_sha256=bearer.digest(browser_secret),
                nonce=flow.nonce,
                code_verifier=flow.code_verifier,
                redirect_uri=flow.redirect_uri,
                expires_at=expires_at,
            )
        )

    @writes
    def take_flow(self, connection: Connection, state: str, browser_secret: str) -> OidcFlow | None:
        """See `Identities.take_flow`; a wrong browser uses the flow up as well."""
        row = connection.execute(
            delete(oidc_flows)
            .where(oidc_flows.c.state_sha256 == bearer.digest(state))
            .returning(oidc_flows)
        ).first()
        if row is None or row.expires_at <= now():
            return None
        if not compare_digest(row.browser_sha256, bearer.digest(browser_secret)):
            return None
        return OidcFlow(row.nonce, row.code_verifier, row.redirect_uri)

    @writes
    def sign_in(
        self, connection: Connection, identity: ProviderIdentity, *, link_verified_email: bool
    ) -> Account:
        """See `Identities.sign_in`."""
        take_turns(connection, "users")
        row = _linked(connection, identity)
        if row is None:
            row = _with_same_email(connection, identity) if link_verified_email else None
            row = row or _enrolled(connection, identity)
            connection.execute(
                insert(identities).values(
                    issuer=identity.issuer,
                    subject=identity.subject,
                    user_id=row.user_id,
                    linked_at=now(),
                )
            )
        if row.disabled_at is not None:
            raise Forbidden("this account is disabled", code="account_disabled")
        _follow(connection, row, identity)
        return account_of(user_row(connection, row.user_id))


def _linked(connection: Connection, identity: ProviderIdentity) -> Row[Any] | None:
    return connection.execute(
        select(users)
        .join(identities, identities.c.user_id == users.c.user_id)
        .where(identities.c.issuer == identity.issuer, identities.c.subject == identity.subject)
    ).first()


def _with_same_email(connection: Connection, identity: ProviderIdentity) -> Row[Any] | None:
    """Return the one account with this e-mail, verified on both sides; two are none."""
    if not identity.email or not identity.email_verified:
        return None
    same = select(users).where(users.c.email == folded(identity.email), users.c.email_verified)
    found = connection.execute(same.limit(2)).all()
    return found[0] if len(found) == 1 else None


def _enrolled(connection: Connection, identity: ProviderIdentity) -> Row[Any]:
    return enrol(
        connection,
        free_name(connection, identity.name),
        is_admin=False,
        display_name=storable(identity.display_name)[:_DISPLAY_NAME_MAX],
        email=folded(identity.email),
        email_verified=bool(identity.email) and identity.email_verified,
    )


def _follow(connection: Connection, row: Row[Any], identity: ProviderIdentity) -> None:
    """Take over what the provider decides; the last administrator stays one all the same."""
    if identity.groups is not None:
        follow_provider(connection, row.user_id, identity.groups)
    if identity.is_admin is None or identity.is_admin == row.is_admin:
        return
    if not identity.is_admin:
        try:
            require_another_administrator(connection, row)
        except InvalidRequest:
            return
    connection.execute(
        update(users).where(users.c.user_id == row.user_id).values(is_admin=identity.is_admin)
    )
