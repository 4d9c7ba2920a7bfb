"""What Lectern asks of its catalog about conversations, shares, feedback and users' settings.

A conversation is its owner's alone: every method that takes a `user_id` treats somebody else's as
one that does not exist. Every method is one transaction; see `lectern.catalog.port`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

from lectern.catalog.records_conversations import (
    Breakdown,
    Conversation,
    JudgedAnswer,
    Message,
    MessageState,
    Receipted,
    Share,
    Shared,
    Turn,
    Verdict,
)


class Conversations(Protocol):
    """Conversations and their messages: a tree with one active branch."""

    def create(
        self,
        user_id: str,
        *,
        title: str = "",
        collections: Sequence[str] = (),
        documents: Sequence[str] = (),
        assistant_id: str = "",
    ) -> Conversation:
        """Create a conversation without messages."""
        ...

    def get(self, user_id: str, conversation_id: str) -> Conversation | None:
        """Return the user's conversation, or None."""
        ...

    def list(
        self, user_id: str, *, limit: int = 50, cursor: str = "", containing: str = ""
    ) -> tuple[Sequence[Conversation], str]:
        """Return a page, pinned ones first and then the latest, and the next page's cursor or "".

        `containing` is looked for in titles and messages, whatever its case.

        Raises:
            InvalidRequest: The cursor is not one of a listing.
        """
        ...

    def change(
        self,
        user_id: str,
        conversation_id: str,
        *,
        title: str | None = None,
        pinned: bool | None = None,
        scope: tuple[Sequence[str], Sequence[str]] | None = None,
        assistant_id: str | None = None,
    ) -> Conversation | None:
        """Change what is not None (`scope`: collections, documents); return it, or None if gone."""
        ...

    def delete(self, user_id: str, conversation_id: str) -> None:
        """Remove a conversation with its messages, share and feedback. Safe to repeat."""
        ...

    def begin_turn(
        self,
        user_id: str,
        question: str,
        *,
        conversation_id: str = "",
        parent_id: str | None = None,
        request_id: str = "",
        collections: Sequence[str] = (),
        documents: Sequence[str] = (),
        assistant_id: str = "",
    ) -> Turn:
        """Store a question and return the turn; without `conversation_id`, in a new conversation.

        Without `parent_id` it goes behind the active branch, in the place of a last question that
        has no answer; behind an answer's id, or at the root with ""; a question's id means that
        this question is answered again. The branch then ends with the question. The first question
        gives a conversation without title its title; a new conversation gets the scope and the
        assistant. The same `request_id` gives the same turn.

        Raises:
            NotFound: The conversation is not the user's, or `parent_id` is not in it.
            InvalidRequest: The question is not the one of `parent_id` or of the `request_id`.
        """
        ...

    def finish_turn(
        self,
        turn: Turn,
        *,
        state: MessageState,
        text: str,
        reply: Mapping[str, Any],
        failure: Breakdown | None = None,
        receipt: bytes = b"",
        title: str = "",
    ) -> bool:
        """Store what came of a turn; return False if its conversation was deleted meanwhile.

        The active branch then ends with the answer, unless it was changed since the turn began. A
        complete answer stays as it is; a stopped or failed one is replaced. `receipt` is what
        `receipt` returns later, b"" for none. A `title` takes the place of the one that was made of
        the turn's question, not of one that somebody chose.
        """
        ...

    def branch(
        self, user_id: str, conversation_id: str, *, limit: int, before: str = ""
    ) -> tuple[Sequence[Message], int]:
        """Return messages of the active branch in order, and how many more come before them.

        These are the last `limit`, or the last `limit` before the message `before`.

        Raises:
            NotFound: The conversation is not the user's, or `before` is not on the branch.
        """
        ...

    def tree(self, user_id: str, conversation_id: str) -> Sequence[Message]:
        """Return every message in the order they were made.

        Raises:
            NotFound: The conversation is not the user's.
        """
        ...

    def receipt(self, user_id: str, message_id: str) -> Receipted | None:
        """Return an answer of the user's with how it came about, or None if there is none."""
        ...

    def select(self, user_id: str, conversation_id: str, message_id: str) -> None:
        """Make the branch through a message active: from there on, always the newest child.

        Raises:
            NotFound: The conversation is not the user's, or the message is not in it.
        """
        ...


class Shares(Protocol):
    """Read-only links to conversations, one for each at most."""

    def share(
        self, user_id: str, conversation_id: str, *, expires_at: datetime | None = None
    ) -> tuple[Share, str]:
        """Replace the link to a conversation; return the new one and its secret.

        The link shows the active branch as it is now.

        Raises:
            NotFound: The conversation is not the user's.
            InvalidRequest: It has no messages yet.
        """
        ...

    def revoke(self, user_id: str, conversation_id: str) -> None:
        """Remove the link; without one, nothing happens."""
        ...

    def opened(self, secret: str) -> Shared | None:
        """Return what a link shows, or None if there is none or it has expired."""
        ...


class Feedback(Protocol):
    """Verdicts of users on answers, one for each user and answer."""

    def give(
        self,
        user_id: str,
        conversation_id: str,
        message_id: str,
        *,
        verdict: Literal["up", "down"],
        reasons: Sequence[str] = (),
        comment: str = "",
    ) -> Verdict:
        """Store a verdict in the place of an earlier one.

        Raises:
            NotFound: There is no such answer in a conversation of the user's.
        """
        ...

    def retract(self, user_id: str, conversation_id: str, message_id: str) -> None:
        """Remove a verdict; without one, nothing happens."""
        ...

    def list(
        self,
        *,
        limit: int = 50,
        cursor: str = "",
        verdict: Literal["up", "down"] | None = None,
    ) -> tuple[Sequence[JudgedAnswer], str]:
        """Return a page of all users' verdicts, latest first, and the next page's cursor or "".

        Raises:
            InvalidRequest: The cursor is not one of a listing.
        """
        ...


class Preferences(Protocol):
    """Users' own settings: only those that differ from the defaults."""

    def get(self, user_id: str) -> Mapping[str, Any]:
        """Return the stored settings by name."""
        ...

    def change(self, user_id: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Set settings, or forget those whose value is None; return what is stored then."""
        ...

    def reset(self, user_id: str) -> None:
        """Forget every setting. Safe to repeat."""
        ...
