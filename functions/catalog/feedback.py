"""Verdicts on answers: given by their readers, seen by administrators."""

from collections.abc import Iterator

from flask import Response

from functions.catalog.conversation_replies import feedback_reply
from functions.catalog.service import api, caller
from lectern.access import Access
from lectern.api import (
    EvaluationCase,
    FeedbackEntry,
    FeedbackList,
    FeedbackQuery,
    FeedbackReply,
    FeedbackRequest,
)
from lectern.catalog.records_conversations import JudgedAnswer
from lectern.serving.http import read_body, read_query

_MESSAGE_FEEDBACK = "/v1/conversations/<conversation_id>/messages/<message_id>/feedback"
_PAGE = 200


@api.route("POST", _MESSAGE_FEEDBACK, body=FeedbackRequest, reply=FeedbackReply)
def give_feedback(conversation_id: str, message_id: str) -> FeedbackReply:
    """Say what an answer is worth; a second time replaces the first.

    Administrators will see the question and the answer with it, and nothing else of the
    conversation.
    """
    access = caller("write")
    asked = read_body(FeedbackRequest)
    given = access.catalog.feedback.give(
        access.user.user_id,
        conversation_id,
        message_id,
        verdict=asked.verdict,
        reasons=asked.reasons,
        comment=asked.comment,
    )
    return feedback_reply(given)


@api.route("DELETE", _MESSAGE_FEEDBACK, status=204)
def retract_feedback(conversation_id: str, message_id: str) -> None:
    """Take a verdict back; without one, nothing happens."""
    access = caller("write")
    access.catalog.feedback.retract(access.user.user_id, conversation_id, message_id)


@api.route("GET", "/v1/feedback", query=FeedbackQuery, reply=FeedbackList)
def list_feedback() -> FeedbackList:
    """List the feedback of all users, latest first; for administrators."""
    access = _administrator()
    asked = read_query(FeedbackQuery)
    found, cursor = access.catalog.feedback.list(
        limit=asked.limit, cursor=asked.cursor, verdict=asked.verdict
    )
    return FeedbackList(feedback=[_entry(judged) for judged in found], cursor=cursor)


@api.route("GET", "/v1/feedback/export", reply=EvaluationCase)
def export_feedback() -> Response:
    """Return all feedback as evaluation cases, one JSON line each; for administrators."""
    access = _administrator()
    access.record("feedback.exported")
    response = Response(_lines(access), content_type="application/x-ndjson; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="feedback.jsonl"'
    return response


def _administrator() -> Access:
    access = caller()
    access.require_administrator()
    return access


def _lines(access: Access) -> Iterator[str]:
    cursor = ""
    while True:
        page, cursor = access.catalog.feedback.list(limit=_PAGE, cursor=cursor)
        for judged in page:
            yield _case(judged).model_dump_json() + "\n"
        if not cursor:
            return


def _chunk_ids(judged: JudgedAnswer, what: str) -> list[str]:
    return list(dict.fromkeys(each["chunk_id"] for each in judged.reply.get(what, ())))


def _entry(judged: JudgedAnswer) -> FeedbackEntry:
    return FeedbackEntry(
        message_id=judged.message_id,
        user_id=judged.user_id,
        user_name=judged.user_name,
        question=judged.question,
        answer=judged.answer,
        chunk_ids=_chunk_ids(judged, "passages"),
        **feedback_reply(judged.verdict).model_dump(),
    )


def _case(judged: JudgedAnswer) -> EvaluationCase:
    given = feedback_reply(judged.verdict)
    return EvaluationCase(
        question=judged.question,
        answer=judged.answer,
        chunk_ids=_chunk_ids(judged, "passages"),
        cited_chunk_ids=_chunk_ids(judged, "citations"),
        verdict=given.verdict,
        reasons=given.reasons,
        comment=given.comment,
    )
