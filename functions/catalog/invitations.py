"""Invitations: made by administrators, accepted by whoever has the secret."""

from datetime import UTC, datetime, timedelta

from functions.catalog.account_replies import invitation_reply
from functions.catalog.attempts import by_address, client_address
from functions.catalog.service import administrator, api
from functions.catalog.signing_in import begin_session
from functions.catalog.wiring import dependencies
from lectern.access import record
from lectern.api import (
    InvitationAcceptance,
    InvitationList,
    InvitationReply,
    InvitationRequest,
    SignedIn,
)
from lectern.errors import NotFound
from lectern.passwords import hash_password, require_good
from lectern.serving.http import read_body


@api.route("GET", "/v1/invitations", reply=InvitationList)
def list_invitations() -> InvitationList:
    """List invitations, newest first."""
    access = administrator()
    return InvitationList(
        invitations=[invitation_reply(each) for each in access.catalog.invitations.list()]
    )


@api.route("POST", "/v1/invitations", body=InvitationRequest, reply=InvitationReply, status=201)
def create_invitation() -> InvitationReply:
    """Invite somebody to make one account; the secret is shown this once."""
    access = administrator()
    asked = read_body(InvitationRequest)
    invitation, secret = access.catalog.invitations.create(
        access.user.user_id,
        email=asked.email,
        is_admin=asked.is_admin,
        grants=[
            (access.collection(grant.collection, role="owner").collection_id, grant.role)
            for grant in asked.grants
        ],
        expires_at=datetime.now(UTC) + timedelta(days=asked.expires_in_days),
    )
    access.record(
        "invitation.created", invitation.invitation_id, is_admin=str(asked.is_admin).lower()
    )
    return invitation_reply(invitation, secret=secret)


@api.route("DELETE", "/v1/invitations/<invitation_id>", status=204)
def withdraw_invitation(invitation_id: str) -> None:
    """Make an invitation useless at once; an unknown one is no error."""
    access = administrator()
    access.catalog.invitations.withdraw(invitation_id)
    access.record("invitation.withdrawn", invitation_id)


@api.route("POST", "/v1/invitations/accept", body=InvitationAcceptance, reply=SignedIn, status=201)
def accept_invitation() -> SignedIn:
    """Make the account that the secret is for, and sign it in. Works once."""
    asked = read_body(InvitationAcceptance)
    needs = dependencies()
    catalog = needs.catalog
    address = by_address("invitation", client_address(needs.vouchers))
    catalog.sign_in_limits.admit(address)
    require_good(asked.password, name=asked.name)
    if not catalog.invitations.open(asked.secret):
        raise NotFound(
            "this invitation is unknown, used or expired; ask for a new one",
            code="invitation_void",
        )
    account = catalog.invitations.accept(
        asked.secret, asked.name, hash_password(asked.password), display_name=asked.display_name
    )
    catalog.sign_in_limits.forgive(address)
    record(catalog, account.user, "invitation.accepted", account.user.user_id)
    return begin_session(account.user.user_id, "invitation")
