"""The caller's conversations. Somebody else's do not exist, for administrators neither."""

from collections.abc import Sequence

from flask import Response

from functions.catalog.assistants import seen_assistant
from functions.catalog.conversation_replies import (
    conversation_reply,
    message_replies,
    readable_to,
)
from functions.catalog.delivery import disposition
from functions.catalog.exporting import markdown_of
from functions.catalog.service import api, caller
from lectern.access import Access
from lectern.api import (
    ConversationChange,
    ConversationExport,
    ConversationList,
    ConversationQuery,
    ConversationReply,
    ConversationRequest,
    ConversationScope,
    ExportQuery,
    MessageList,
    MessageQuery,
)
from lectern.catalog.records_conversations import Conversation
from lectern.errors import NotFound
from lectern.serving.http import read_body, read_query

_CONVERSATION = "/v1/conversations/<conversation_id>"
_WHOLE_BRANCH = 1 << 30


@api.route("GET", "/v1/conversations", query=ConversationQuery, reply=ConversationList)
def list_conversations() -> ConversationList:
    """List the caller's conversations, pinned ones first, or search their titles and messages."""
    access = caller()
    asked = read_query(ConversationQuery)
    found, cursor = access.catalog.conversations.list(
        access.user.user_id, limit=asked.limit, cursor=asked.cursor, containing=asked.query
    )
    return ConversationList(conversations=list(map(conversation_reply, found)), cursor=cursor)


@api.route(
    "POST", "/v1/conversations", body=ConversationRequest, reply=ConversationReply, status=201
)
def create_conversation() -> ConversationReply:
    """Begin a conversation without messages."""
    access = caller("write")
    asked = read_body(ConversationRequest)
    collections, documents = _scope(access, asked.scope)
    made = access.catalog.conversations.create(
        access.user.user_id,
        title=asked.title,
        collections=collections,
        documents=documents,
        assistant_id=_assistant(access, asked.assistant),
    )
    return conversation_reply(made)


@api.route("GET", _CONVERSATION, reply=ConversationReply)
def get_conversation(conversation_id: str) -> ConversationReply:
    """Return a conversation of the caller's."""
    return conversation_reply(_own(caller(), conversation_id))


@api.route("PATCH", _CONVERSATION, body=ConversationChange, reply=ConversationReply)
def change_conversation(conversation_id: str) -> ConversationReply:
    """Rename a conversation, pin it or let its questions search elsewhere."""
    access = caller("write")
    _own(access, conversation_id)
    asked = read_body(ConversationChange)
    changed = access.catalog.conversations.change(
        access.user.user_id,
        conversation_id,
        title=asked.title,
        pinned=asked.pinned,
        scope=None if asked.scope is None else _scope(access, asked.scope),
        assistant_id=None if asked.assistant is None else _assistant(access, asked.assistant),
    )
    return conversation_reply(_there(changed, conversation_id))


@api.route("DELETE", _CONVERSATION, status=204)
def delete_conversation(conversation_id: str) -> None:
    """Remove a conversation at once, with its share and its feedback."""
    access = caller("write")
    _own(access, conversation_id)
    access.catalog.conversations.delete(access.user.user_id, conversation_id)
    access.record("conversation.deleted", conversation_id)


@api.route("GET", f"{_CONVERSATION}/messages", query=MessageQuery, reply=MessageList)
def list_messages(conversation_id: str) -> MessageList:
    """Return the last messages of the active branch, in order.

    Rights are asked again: what the caller may no longer read is blank in stored answers.
    """
    return _branch(caller(), conversation_id, read_query(MessageQuery))


@api.route("POST", f"{_CONVERSATION}/messages/<message_id>/select", reply=MessageList)
def select_branch(conversation_id: str, message_id: str) -> MessageList:
    """Make the branch through a message the active one; return its last messages."""
    access = caller("write")
    access.catalog.conversations.select(access.user.user_id, conversation_id, message_id)
    return _branch(access, conversation_id, MessageQuery())


@api.route("GET", f"{_CONVERSATION}/export", query=ExportQuery, reply=ConversationExport)
def export_conversation(conversation_id: str) -> Response:
    """Return a file to keep: the active branch as Markdown, or the whole tree as JSON."""
    access = caller()
    conversation = _own(access, conversation_id)
    if read_query(ExportQuery).format == "markdown":
        branch = _branch(access, conversation_id, MessageQuery.model_construct(limit=_WHOLE_BRANCH))
        data, extension = markdown_of(conversation.title, branch.messages), "md"
        content_type = "text/markdown; charset=utf-8"
    else:
        tree = access.catalog.conversations.tree(access.user.user_id, conversation_id)
        export = ConversationExport(
            conversation=conversation_reply(conversation),
            active_id=conversation.active_id,
            messages=message_replies(tree, readable_to(access)),
        )
        data, extension = export.model_dump_json(indent=2), "json"
        content_type = "application/json"
    response = Response(data, content_type=content_type)
    name = f"{conversation.title or 'conversation'}.{extension}"
    response.headers["Content-Disposition"] = disposition("attachment", name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _branch(access: Access, conversation_id: str, asked: MessageQuery) -> MessageList:
    messages, earlier = access.catalog.conversations.branch(
        access.user.user_id, conversation_id, limit=asked.limit, before=asked.before
    )
    return MessageList(messages=message_replies(messages, readable_to(access)), earlier=earlier)


def _own(access: Access, conversation_id: str) -> Conversation:
    found = access.catalog.conversations.get(access.user.user_id, conversation_id)
    return _there(found, conversation_id)


def _there(found: Conversation | None, conversation_id: str) -> Conversation:
    if found is None:
        raise NotFound(f"there is no conversation {conversation_id!r}")
    return found


def _scope(access: Access, scope: ConversationScope) -> tuple[Sequence[str], Sequence[str]]:
    """Return collection ids for ids or slugs; documents are checked when they are searched."""
    collections = access.collections(scope.collections) if scope.collections else ()
    return [found.collection_id for found in collections], scope.documents


def _assistant(access: Access, assistant: str) -> str:
    return seen_assistant(access, assistant).assistant_id if assistant else ""
