"""Questions and their answers: taking a turn in a conversation, and walking its branches.

Everything that changes the tree holds the lock of the conversation's row, so that two turns at
once are one after the other. Ids of a turn come from its `request_id`: a retry meets what is
there already.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from lectern.catalog.conversations import (
    ConversationRows,
    add_conversation,
    folded_text,
    lock_conversation,
)
from lectern.catalog.database import reads, take_turns, writes
from lectern.catalog.messages import read_messages, texts_of, tree_of
from lectern.catalog.receipts import find_receipt, put_receipt
from lectern.catalog.records_conversations import (
    Breakdown,
    Message,
    MessageRole,
    MessageState,
    Receipted,
    Turn,
)
from lectern.catalog.rows import now
from lectern.catalog.spelling import storable
from lectern.catalog.tables_conversations import conversations, feedback, messages
from lectern.catalog.titles import title_of
from lectern.catalog.tree import Tree, branch_to, newest_leaf, place_behind
from lectern.documents import new_id
from lectern.errors import InvalidRequest, NotFound


class SqlConversations(ConversationRows):
    """See `Conversations`."""

    @writes
    def begin_turn(
        self,
        connection: Connection,
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
        """See `Conversations.begin_turn`."""
        if not conversation_id:
            conversation_id = _id_of(user_id, request_id, "conversation")
            take_turns(connection, f"conversation.{conversation_id}")
            if lock_conversation(connection, user_id, conversation_id) is None:
                add_conversation(
                    connection,
                    conversation_id,
                    user_id,
                    "",
                    collections=collections,
                    documents=documents,
                    assistant_id=assistant_id,
                )
        row = _locked(connection, user_id, conversation_id)
        tree = tree_of(connection, conversation_id)
        question_id = _id_of(user_id, request_id, conversation_id, "question")
        answer_id = _id_of(user_id, request_id, conversation_id, "answer")
        if answer_id in tree:
            question_id = tree[answer_id].parent_id
        elif question_id not in tree:
            behind = place_behind(tree, row.active_id) if parent_id is None else parent_id
            if behind and behind not in tree:
                raise NotFound(f"there is no message {behind!r} in this conversation")
            if behind and tree[behind].role == "question":
                question_id = behind
            else:
                _add(connection, row, question_id, behind, role="question", text=question)
                row = _locked(connection, user_id, conversation_id)
                tree = tree_of(connection, conversation_id)
        return _turn(
            connection,
            row,
            tree,
            question_id=question_id,
            answer_id=answer_id,
            question=question,
        )

    @writes
    def finish_turn(
        self,
        connection: Connection,
        turn: Turn,
        *,
        state: MessageState,
        text: str,
        reply: Mapping[str, Any],
        failure: Breakdown | None = None,
        receipt: bytes = b"",
        title: str = "",
    ) -> bool:
        """See `Conversations.finish_turn`."""
        row = lock_conversation(connection, turn.user_id, turn.conversation_id)
        if row is None:
            return False
        tree = tree_of(connection, turn.conversation_id)
        if turn.question_id not in tree:
            return False  # deleted and begun again under the same id meanwhile
        known = tree.get(turn.answer_id)
        if known is not None and known.state == "complete":
            return True
        if known is not None:
            this = messages.c.message_id == turn.answer_id
            connection.execute(delete(feedback).where(feedback.c.message_id == turn.answer_id))
            connection.execute(
                update(messages).where(this).values(_words(text, state, reply, failure))
            )
            put_receipt(connection, turn.answer_id, receipt)
            return True
        _add(
            connection,
            row,
            turn.answer_id,
            turn.question_id,
            role="answer",
            text=text,
            state=state,
            reply=reply,
            failure=failure,
            shown=row.active_id == turn.leaf_id,
        )
        put_receipt(connection, turn.answer_id, receipt)
        if title:
            self._name(connection, row, turn.question_id, title)
        return True

    @reads
    def receipt(self, connection: Connection, user_id: str, message_id: str) -> Receipted | None:
        """See `Conversations.receipt`."""
        return find_receipt(connection, user_id, message_id)

    @reads
    def branch(
        self,
        connection: Connection,
        user_id: str,
        conversation_id: str,
        *,
        limit: int,
        before: str = "",
    ) -> tuple[Sequence[Message], int]:
        """See `Conversations.branch`."""
        active_id = self._active_id(connection, user_id, conversation_id)
        tree = tree_of(connection, conversation_id)
        branch = branch_to(tree, active_id)
        if before:
            ids = [node.message_id for node in branch]
            if before not in ids:
                raise NotFound(f"there is no message {before!r} on the active branch")
            branch = branch[: ids.index(before)]
        earlier = max(0, len(branch) - limit)
        return read_messages(connection, tree, branch[earlier:]), earlier

    @reads
    def tree(self, connection: Connection, user_id: str, conversation_id: str) -> Sequence[Message]:
        """See `Conversations.tree`."""
        self._active_id(connection, user_id, conversation_id)
        tree = tree_of(connection, conversation_id)
        return read_messages(connection, tree, list(tree.values()))

    @writes
    def select(
        self, connection: Connection, user_id: str, conversation_id: str, message_id: str
    ) -> None:
        """See `Conversations.select`."""
        _locked(connection, user_id, conversation_id)
        tree = tree_of(connection, conversation_id)
        if message_id not in tree:
            raise NotFound(f"there is no message {message_id!r} in this conversation")
        _change(connection, conversation_id, active_id=newest_leaf(tree, message_id))

    @staticmethod
    def _name(connection: Connection, row: Row[Any], question_id: str, title: str) -> None:
        asked = connection.execute(
            select(messages.c.text).where(messages.c.message_id == question_id)
        ).scalar_one()
        if row.title == title_of(asked):
            _change(connection, row.conversation_id, **_titled(title))

    @staticmethod
    def _active_id(connection: Connection, user_id: str, conversation_id: str) -> str:
        row = connection.execute(
            conversations.select().where(
                conversations.c.conversation_id == conversation_id,
                conversations.c.user_id == user_id,
            )
        ).first()
        if row is None:
            raise _gone(conversation_id)
        active_id: str = row.active_id
        return active_id


def _gone(conversation_id: str) -> NotFound:
    return NotFound(f"there is no conversation {conversation_id!r}")


def _locked(connection: Connection, user_id: str, conversation_id: str) -> Row[Any]:
    row = lock_conversation(connection, user_id, conversation_id)
    if row is None:
        raise _gone(conversation_id)
    return row


def _id_of(user_id: str, request_id: str, *purpose: str) -> str:
    """Return the id that a request's conversation, question or answer always gets."""
    if not request_id:
        return new_id()
    words = "\0".join((user_id, request_id, *purpose))
    return hashlib.sha256(words.encode(errors="replace")).hexdigest()[:32]


def _turn(
    connection: Connection,
    row: Row[Any],
    tree: Tree,
    *,
    question_id: str,
    answer_id: str,
    question: str,
) -> Turn:
    branch = branch_to(tree, question_id)
    *earlier, asked = texts_of(connection, [node for node in branch if node.role == "question"])
    if asked != storable(question):
        raise InvalidRequest(
            "the question differs from the one that is to be answered again; to edit a question, "
            "send the id of the message before it as 'parent_id', and another 'request_id'",
            code="another_question",
        )
    known = tree.get(answer_id)
    finished = None
    if known is not None and known.state == "complete":
        [finished] = read_messages(connection, tree, [known])
    return Turn(
        user_id=row.user_id,
        conversation_id=row.conversation_id,
        question_id=question_id,
        answer_id=answer_id,
        earlier=tuple(earlier),
        collections=tuple(row.collections),
        documents=tuple(row.documents),
        assistant_id=row.assistant_id,
        leaf_id=row.active_id,
        finished=finished,
    )


def _add(
    connection: Connection,
    row: Row[Any],
    message_id: str,
    parent_id: str,
    *,
    role: MessageRole,
    text: str,
    state: MessageState = "complete",
    reply: Mapping[str, Any] | None = None,
    failure: Breakdown | None = None,
    shown: bool = True,
) -> None:
    """Add a message to the tree; `shown` says whether the active branch now ends with it."""
    connection.execute(
        insert(messages).values(
            message_id=message_id,
            conversation_id=row.conversation_id,
            ordinal=row.last_ordinal + 1,
            parent_id=parent_id,
            role=role,
            created_at=now(),
            **_words(text, state, reply, failure),
        )
    )
    changed: dict[str, Any] = {"last_ordinal": row.last_ordinal + 1, "updated_at": now()}
    if shown:
        changed["active_id"] = message_id
    if not row.title and role == "question":
        changed |= _titled(storable(text))
    _change(connection, row.conversation_id, **changed)


def _titled(text: str) -> dict[str, str]:
    title = title_of(text)
    return {"title": title, "title_folded": folded_text(title)}


def _words(
    text: str,
    state: MessageState,
    reply: Mapping[str, Any] | None,
    failure: Breakdown | None,
) -> dict[str, Any]:
    return {
        "state": state,
        "text": storable(text),
        "text_folded": folded_text(text),
        "reply": reply and dict(reply),
        "failure": failure and {"code": failure.code, "detail": failure.detail},
    }


def _change(connection: Connection, conversation_id: str, **values: Any) -> None:
    this = conversations.c.conversation_id == conversation_id
    connection.execute(update(conversations).where(this).values(**values))
