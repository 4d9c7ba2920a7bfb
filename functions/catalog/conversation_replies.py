"""From stored conversations to what their owner, or somebody with a link, gets to see.

Rights are asked again at each reading: an answer may rest on what its reader lost since.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from pydantic import ValidationError

from lectern import telemetry
from lectern.access import Access
from lectern.api import (
    AnswerReply,
    ConversationReply,
    ConversationScope,
    FeedbackReply,
    MessageFailure,
    MessageReply,
    SharedMessage,
    SharedSource,
    ShareReply,
)
from lectern.catalog.port import Documents
from lectern.catalog.records_conversations import Conversation, Message, Share, Verdict
from lectern.withholding import withheld

_OTHER_VERSION = MessageFailure(
    code="answer_of_another_version",
    detail="this answer was stored by another version of Lectern; ask the question again",
)


def readable_to(access: Access) -> AbstractSet[str]:
    """Return the ids of the collections that this caller may read now."""
    return frozenset(collection.collection_id for collection in access.collections([]))


def conversation_reply(conversation: Conversation) -> ConversationReply:
    """Return a conversation as its owner sees it."""
    return ConversationReply(
        conversation_id=conversation.conversation_id,
        title=conversation.title,
        pinned=conversation.pinned,
        scope=ConversationScope(
            collections=list(conversation.collections), documents=list(conversation.documents)
        ),
        assistant=conversation.assistant_id,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        share=conversation.share and share_reply(conversation.share),
    )


def share_reply(share: Share, *, secret: str | None = None) -> ShareReply:
    """Return a link as the one who shared sees it."""
    return ShareReply(created_at=share.created_at, expires_at=share.expires_at, secret=secret)


def feedback_reply(verdict: Verdict) -> FeedbackReply:
    """Return a verdict as who gave it sees it."""
    return FeedbackReply.model_validate(
        {
            "verdict": verdict.verdict,
            "reasons": list(verdict.reasons),
            "comment": verdict.comment,
            "given_at": verdict.given_at,
        }
    )


def message_reply(message: Message, readable: AbstractSet[str]) -> MessageReply:
    """Return a message as its owner, who may read the collections `readable`, sees it."""
    answer, text, blank, failure = _answer_of(message, readable)
    return MessageReply(
        message_id=message.message_id,
        parent_id=message.parent_id,
        role=message.role,
        state=message.state,
        text=text,
        created_at=message.created_at,
        siblings=list(message.siblings),
        position=message.position,
        answer=answer,
        failure=failure,
        feedback=message.verdict and feedback_reply(message.verdict),
        withheld=blank,
    )


def message_replies(messages: Sequence[Message], readable: AbstractSet[str]) -> list[MessageReply]:
    """Return messages as their owner sees them."""
    return [message_reply(message, readable) for message in messages]


def shared_messages(
    messages: Sequence[Message], readable: AbstractSet[str], documents: Documents
) -> list[SharedMessage]:
    """Return messages as somebody with the link sees them.

    `readable` is what their owner may read. What was deleted since is blank: a link must not go on
    publishing it.
    """
    cited = {
        str(passage["document_id"])
        for message in messages
        for passage in (message.reply or {}).get("passages", ())
    } - {""}
    there = documents.current_revisions(sorted(cited)) if cited else {}
    return [_shared(message, readable, cited - set(there)) for message in messages]


def _shared(message: Message, readable: AbstractSet[str], gone: AbstractSet[str]) -> SharedMessage:
    answer, text, _, _ = _answer_of(message, readable, gone)
    return SharedMessage(
        role=message.role,
        state=message.state,
        text=text,
        created_at=message.created_at,
        sources=[
            SharedSource(
                number=citation.number,
                document_name=citation.document_name,
                page_number=citation.page_number,
                quote=citation.quote,
                supported=citation.supported,
            )
            for citation in (answer.citations if answer else ())
        ],
    )


def _answer_of(
    message: Message, readable: AbstractSet[str], gone: AbstractSet[str] = frozenset()
) -> tuple[AnswerReply | None, str, int, MessageFailure | None]:
    """Return the answer, its words, how many passages are blank, and what went wrong."""
    known = message.failure
    failure = MessageFailure(code=known.code, detail=known.detail) if known else None
    if message.reply is None:
        return None, message.text, 0, failure
    try:
        stored = AnswerReply.model_validate(message.reply)
    except ValidationError:
        telemetry.logger.warning("stored answer not understood", extra={"role": message.role})
        return None, "", 0, _OTHER_VERSION  # without its citations, nobody knows what it quotes
    answer, blank = withheld(stored, readable, gone=gone)
    return answer, answer.answer, blank, failure
