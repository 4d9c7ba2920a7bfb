"""What users say about answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, insert, select, tuple_

from lectern.catalog.conversations import lock_conversation
from lectern.catalog.database import Database, reads, writes
from lectern.catalog.messages import verdict_of
from lectern.catalog.pages import cursor_of, values_of
from lectern.catalog.records_conversations import JudgedAnswer, Verdict
from lectern.catalog.rows import now
from lectern.catalog.spelling import storable
from lectern.catalog.tables import users
from lectern.catalog.tables_conversations import feedback, messages
from lectern.errors import NotFound

_ORDER = (feedback.c.given_at, feedback.c.message_id, feedback.c.user_id)


class SqlFeedback:
    """See `Feedback`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def give(
        self,
        connection: Connection,
        user_id: str,
        conversation_id: str,
        message_id: str,
        *,
        verdict: Literal["up", "down"],
        reasons: Sequence[str] = (),
        comment: str = "",
    ) -> Verdict:
        """See `Feedback.give`."""
        own = lock_conversation(connection, user_id, conversation_id) is not None
        answer = select(messages.c.message_id).where(
            messages.c.message_id == message_id,
            messages.c.conversation_id == conversation_id,
            messages.c.role == "answer",
        )
        if not own or connection.execute(answer).first() is None:
            raise NotFound(f"there is no answer {message_id!r} in a conversation of yours")
        given = Verdict(verdict, tuple(dict.fromkeys(reasons)), storable(comment), now())
        _forget(connection, user_id, message_id)
        connection.execute(
            insert(feedback).values(
                message_id=message_id,
                user_id=user_id,
                verdict=given.verdict,
                reasons=list(given.reasons),
                comment=given.comment,
                given_at=given.given_at,
            )
        )
        return given

    @writes
    def retract(
        self, connection: Connection, user_id: str, conversation_id: str, message_id: str
    ) -> None:
        """See `Feedback.retract`."""
        if lock_conversation(connection, user_id, conversation_id) is not None:
            _forget(connection, user_id, message_id)

    @reads
    def list(
        self,
        connection: Connection,
        *,
        limit: int = 50,
        cursor: str = "",
        verdict: Literal["up", "down"] | None = None,
    ) -> tuple[Sequence[JudgedAnswer], str]:
        """See `Feedback.list`."""
        question = messages.alias("question")
        query = (
            select(
                feedback,
                users.c.name.label("user_name"),
                question.c.text.label("question"),
                messages.c.text.label("answer"),
                messages.c.reply,
            )
            .join(messages, messages.c.message_id == feedback.c.message_id)
            .join(question, question.c.message_id == messages.c.parent_id)
            .join(users, users.c.user_id == feedback.c.user_id)
        )
        if verdict is not None:
            query = query.where(feedback.c.verdict == verdict)
        if cursor:
            last = values_of(cursor, (datetime, str, str))
            query = query.where(tuple_(*_ORDER) < tuple_(*last, types=[c.type for c in _ORDER]))
        latest_first = query.order_by(*(column.desc() for column in _ORDER))
        rows = connection.execute(latest_first.limit(limit + 1)).all()
        page = [_judged(row) for row in rows[:limit]]
        if len(rows) <= limit:
            return page, ""
        last_one = page[-1]
        return page, cursor_of((last_one.verdict.given_at, last_one.message_id, last_one.user_id))


def _forget(connection: Connection, user_id: str, message_id: str) -> None:
    connection.execute(
        delete(feedback).where(feedback.c.message_id == message_id, feedback.c.user_id == user_id)
    )


def _judged(row: Row[Any]) -> JudgedAnswer:
    return JudgedAnswer(
        message_id=row.message_id,
        user_id=row.user_id,
        user_name=row.user_name,
        question=row.question,
        answer=row.answer,
        reply=row.reply,
        verdict=verdict_of(row),
    )
