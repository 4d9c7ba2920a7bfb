"""Read-only links to conversations: made and revoked by their owner, opened without signing in."""

from datetime import UTC, datetime, timedelta

from flask import Response

from functions.catalog.attempts import client_address
from functions.catalog.conversation_replies import readable_to, share_reply, shared_messages
from functions.catalog.patience import Patience
from functions.catalog.service import api, caller
from functions.catalog.wiring import dependencies
from lectern.access import Access
from lectern.api import SharedConversation, ShareReply, ShareRequest
from lectern.errors import NotFound
from lectern.serving.http import read_body

_SHARE = "/v1/conversations/<conversation_id>/share"
_HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "private, no-store",  # revoked means revoked
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_patience = Patience(burst=60, per_second=1.0)


@api.route("POST", _SHARE, body=ShareRequest, reply=ShareReply, status=201)
def share_conversation(conversation_id: str) -> ShareReply:
    """Make a link to the active branch as it is now; its secret is shown this once.

    It replaces an older link. Whoever has the secret sees questions, answers, quotes and the names
    of documents without signing in, until it is revoked or expires.
    """
    access = caller("write")
    asked = read_body(ShareRequest)
    expires_at = None
    if asked.expires_in_days is not None:
        expires_at = datetime.now(UTC) + timedelta(days=asked.expires_in_days)
    share, secret = access.catalog.shares.share(
        access.user.user_id, conversation_id, expires_at=expires_at
    )
    until = expires_at.isoformat() if expires_at else "revoked"
    access.record("conversation.shared", conversation_id, until=until)
    return share_reply(share, secret=secret)


@api.route("DELETE", _SHARE, status=204)
def unshare_conversation(conversation_id: str) -> None:
    """Make the link to a conversation useless at once."""
    access = caller("write")
    if access.catalog.conversations.get(access.user.user_id, conversation_id) is None:
        raise NotFound(f"there is no conversation {conversation_id!r}")
    access.catalog.shares.revoke(access.user.user_id, conversation_id)
    access.record("conversation.unshared", conversation_id)


@api.route("GET", "/v1/shared/<secret>", reply=SharedConversation)
def open_shared(secret: str) -> Response:
    """Show a shared conversation; the secret is all it takes.

    What the one who shared it may no longer read is blank here, too, and what was deleted since.
    """
    needs = dependencies()
    _patience.ask(client_address(needs.vouchers))
    catalog = needs.catalog
    opened = catalog.shares.opened(secret)
    if opened is None:
        raise NotFound("this link was never made, was revoked or has expired")
    readable = readable_to(Access(catalog, opened.owner))
    shown = SharedConversation(
        title=opened.title,
        shared_at=opened.share.created_at,
        expires_at=opened.share.expires_at,
        messages=shared_messages(opened.messages, readable, catalog.documents),
    )
    response = Response(shown.model_dump_json(), content_type="application/json")
    response.headers.update(_HEADERS)
    return response
