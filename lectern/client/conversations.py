"""Conversations of the caller, links to them, and what they say about answers."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote

from lectern.api import (
    ConversationChange,
    ConversationList,
    ConversationQuery,
    ConversationReply,
    ConversationRequest,
    FeedbackReply,
    FeedbackRequest,
    MessageList,
    MessageQuery,
    SharedConversation,
    ShareReply,
    ShareRequest,
)
from lectern.client.connection import Connection

_CONVERSATIONS = "/v1/conversations"


class Conversations:
    """The caller's conversations. What is not theirs raises `NotFound`, also for administrators."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, asked: ConversationRequest | None = None) -> ConversationReply:
        """Return a new conversation; answering with `conversation_id="new"` makes one as well."""
        body = asked or ConversationRequest()
        return self._connection.fetch(
            "catalog", "POST", _CONVERSATIONS, ConversationReply, body=body
        )

    def list(self, query: ConversationQuery | None = None) -> ConversationList:
        """Return a page of conversations: pinned ones first, then the latest."""
        asked = (query or ConversationQuery()).model_dump(exclude_defaults=True)
        return self._connection.fetch(
            "catalog", "GET", _CONVERSATIONS, ConversationList, query=asked
        )

    def all(self, query: ConversationQuery | None = None) -> Iterator[ConversationReply]:
        """Yield every conversation that `query` matches, fetching page by page."""
        asked = query or ConversationQuery()
        while True:
            page = self.list(asked)
            yield from page.conversations
            if not page.cursor:
                return
            asked = asked.model_copy(update={"cursor": page.cursor})

    def get(self, conversation_id: str) -> ConversationReply:
        """Return a conversation."""
        return self._connection.fetch("catalog", "GET", _of(conversation_id), ConversationReply)

    def change(self, conversation_id: str, change: ConversationChange) -> ConversationReply:
        """Rename a conversation, pin it or move its scope; return it as it is then."""
        return self._connection.fetch(
            "catalog", "PATCH", _of(conversation_id), ConversationReply, body=change
        )

    def delete(self, conversation_id: str) -> None:
        """Remove a conversation at once, with its share and its feedback."""
        self._connection.send("catalog", "DELETE", _of(conversation_id))

    def messages(self, conversation_id: str, query: MessageQuery | None = None) -> MessageList:
        """Return the last messages of the active branch, in order."""
        asked = (query or MessageQuery()).model_dump(exclude_defaults=True)
        return self._connection.fetch(
            "catalog", "GET", _of(conversation_id, "messages"), MessageList, query=asked
        )

    def select(self, conversation_id: str, message_id: str) -> MessageList:
        """Make the branch through a message the active one; return its last messages."""
        path = _of(conversation_id, "messages", message_id, "select")
        return self._connection.fetch("catalog", "POST", path, MessageList)

    def share(self, conversation_id: str, *, expires_in_days: int | None = None) -> ShareReply:
        """Return a link's `secret`, never shown again; an older link to it ends with this one."""
        body = ShareRequest(expires_in_days=expires_in_days)
        return self._connection.fetch(
            "catalog", "POST", _of(conversation_id, "share"), ShareReply, body=body
        )

    def unshare(self, conversation_id: str) -> None:
        """Make the link useless at once; without one, nothing happens."""
        self._connection.send("catalog", "DELETE", _of(conversation_id, "share"))

    def shared(self, secret: str, *, address: str = "") -> SharedConversation:
        """Return what a link shows; needs no token.

        Args:
            secret: The link's.
            address: Whose request this is, when a trusted proxy asks for somebody else.

        Raises:
            NotFound: The link was never made, was revoked or has expired.
        """
        path = f"/v1/shared/{quote(secret, safe='')}"
        headers = {"X-Forwarded-For": address} if address else {}
        return self._connection.fetch("catalog", "GET", path, SharedConversation, headers=headers)

    def export(
        self,
        conversation_id: str,
        format: Literal["markdown", "json"] = "markdown",  # noqa: A002
    ) -> bytes:
        """Return a file to keep, UTF-8: the active branch as Markdown, or everything as JSON."""
        path = _of(conversation_id, "export")
        return self._connection.read("catalog", path, query={"format": format})

    def give_feedback(
        self, conversation_id: str, message_id: str, feedback: FeedbackRequest
    ) -> FeedbackReply:
        """Say what an answer is worth; a second time replaces the first."""
        path = _of(conversation_id, "messages", message_id, "feedback")
        return self._connection.fetch("catalog", "POST", path, FeedbackReply, body=feedback)

    def retract_feedback(self, conversation_id: str, message_id: str) -> None:
        """Take a verdict back; without one, nothing happens."""
        path = _of(conversation_id, "messages", message_id, "feedback")
        self._connection.send("catalog", "DELETE", path)


def _of(conversation_id: str, *below: str) -> str:
    return "/".join((_CONVERSATIONS, *(quote(part, safe="") for part in (conversation_id, *below))))
