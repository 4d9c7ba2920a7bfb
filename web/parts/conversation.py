"""The conversation on the page: kept in the session, so that drawing it again costs no request."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import streamlit as st

from lectern.api import (
    AnswerReply,
    AnswerRequest,
    AnswerUsage,
    ConversationChange,
    ConversationReply,
    ConversationScope,
    MessageFailure,
    MessageList,
    MessageQuery,
    MessageReply,
)
from lectern.api.conversations import NEW_CONVERSATION
from lectern.documents import new_id
from lectern.errors import NotFound
from web.answers import LIVE, LiveAnswer, Snapshot
from web.parts import editing
from web.parts.outer_tools import chosen_tools
from web.parts.stale import mark_stale
from web.session import lectern, user

ADDRESS = "c"
"""The query parameter that names the conversation."""

_STATE = "chat.conversation"
_LIVE = "chat.live"
_EARLIER_AT_ONCE = 20
_SHOWN = 12
_IDS_WITHIN_S = 0.5
_NO_USAGE = AnswerUsage(model="", model_calls=0, prompt_tokens=0, completion_tokens=0)


@dataclass(slots=True)
class Conversation:
    """What the page shows. A new conversation has no id yet.

    Args:
        known: The conversation as Lectern has it, None for a new one.
        scope: Where the next question searches.
        assistant: Id of whom the next question is put to, "" for nobody in particular.
        messages: The active branch.
        earlier: How many messages come before them.
    """

    known: ConversationReply | None = None
    scope: ConversationScope = field(default_factory=ConversationScope)
    assistant: str = ""
    messages: Sequence[MessageReply] = ()
    earlier: int = 0

    @property
    def conversation_id(self) -> str:
        """Its id, "" for a new one."""
        return self.known.conversation_id if self.known else ""


def current() -> Conversation:
    """Return the conversation that the address names, loaded once.

    Raises:
        NotFound: There is none of that id for this person.
    """
    wanted = address()
    shown: Conversation | None = st.session_state.get(_STATE)
    if shown is None or shown.conversation_id != wanted:
        shown = _load(wanted) if wanted else Conversation()
        st.session_state[_STATE] = shown
        answer = LIVE.of_conversation(user().user_id, wanted) if wanted else None
        st.session_state[_LIVE] = answer.answer_id if answer else ""
    return shown


def address() -> str:
    """Return the id of the conversation that the address names, "" for a new one."""
    return str(st.query_params.get(ADDRESS, ""))


def go_to(conversation_id: str) -> None:
    """Show another conversation, or a new one for ""; takes effect with the next run."""
    st.session_state.pop(_STATE, None)
    st.session_state.pop(_LIVE, None)
    editing.leave()
    if conversation_id:
        st.query_params[ADDRESS] = conversation_id
    else:
        st.query_params.pop(ADDRESS, None)


def live() -> LiveAnswer | None:
    """Return the answer that is being given in this conversation, or was and is not shown yet."""
    answer_id = str(st.session_state.get(_LIVE, ""))
    return LIVE.get(user().user_id, answer_id) if answer_id else None


def ask(question: str, *, parent_id: str | None = None, scope: ConversationScope) -> None:
    """Ask in the conversation on the page.

    Args:
        question: What to ask.
        parent_id: See `AnswerRequest.parent_id`.
        scope: Where to search.

    Raises:
        RateLimited: Too many answers are being given.
    """
    shown = current()
    request = AnswerRequest(
        question=question,
        collections=scope.collections,
        documents=scope.documents,
        conversation_id=shown.conversation_id or NEW_CONVERSATION,
        parent_id=parent_id,
        request_id=new_id(),
        outer_tools=chosen_tools(),
        assistant=None if shown.known else shown.assistant,
    )
    answer = LIVE.start(lectern(), user().user_id, request)
    st.session_state[_LIVE] = answer.answer_id
    note_address(answer.wait_for_ids(_IDS_WITHIN_S))


def note_address(seen: Snapshot) -> None:
    """Put a new conversation's id into the address as soon as it is known."""
    shown: Conversation = st.session_state[_STATE]
    if seen.conversation_id and shown.known is None:
        now = datetime.now(UTC)
        shown.known = ConversationReply(
            conversation_id=seen.conversation_id,
            title=seen.question[:80],
            pinned=False,
            scope=shown.scope,
            assistant=shown.assistant,
            created_at=now,
            updated_at=now,
        )
        st.query_params[ADDRESS] = seen.conversation_id
        mark_stale()


def settle(answer: LiveAnswer) -> None:
    """Take a finished answer into the conversation and let go of it."""
    shown = current()
    seen = answer.snapshot()
    if seen.state == "done" and shown.known is not None:
        _take(shown, lectern().conversations.messages(shown.conversation_id))
        shown.known = lectern().conversations.get(shown.conversation_id)
    else:
        before = before_live(shown.messages, answer.request.parent_id, seen)
        shown.messages = [*before, *as_messages(seen)]
    st.session_state[_LIVE] = ""
    LIVE.forget(answer)
    mark_stale()


def select(message_id: str) -> None:
    """Show the branch through a message."""
    shown = current()
    _take(shown, lectern().conversations.select(shown.conversation_id, message_id))


def load_earlier() -> None:
    """Put the messages before the first one in front of it."""
    shown = current()
    query = MessageQuery(limit=_EARLIER_AT_ONCE, before=shown.messages[0].message_id)
    more = lectern().conversations.messages(shown.conversation_id, query)
    shown.messages = [*more.messages, *shown.messages]
    shown.earlier = more.earlier


def choose_scope(scope: ConversationScope) -> None:
    """Search elsewhere from now on, and remember it with the conversation."""
    shown = current()
    shown.scope = scope
    if shown.known is not None:
        change = ConversationChange(scope=scope)
        shown.known = lectern().conversations.change(shown.conversation_id, change)


def choose_assistant(assistant_id: str) -> None:
    """Put the next questions to an assistant, or to nobody for "", and remember it."""
    shown = current()
    shown.assistant = assistant_id
    if shown.known is not None:
        change = ConversationChange(assistant=assistant_id)
        shown.known = lectern().conversations.change(shown.conversation_id, change)


def note_change(known: ConversationReply) -> None:
    """Take over a conversation's new title or share, if it is the one on the page."""
    shown: Conversation | None = st.session_state.get(_STATE)
    if shown is not None and shown.conversation_id == known.conversation_id:
        shown.known = known


def before_live(
    messages: Sequence[MessageReply], parent_id: str | None, seen: Snapshot
) -> Sequence[MessageReply]:
    """Return the messages that stand above a live question and its answer."""
    ids = [each.message_id for each in messages]
    if seen.question_id in ids:
        return messages[: ids.index(seen.question_id)]
    if parent_id is None:
        return messages
    if parent_id not in ids:
        return () if not parent_id else messages
    at = ids.index(parent_id)
    return messages[:at] if messages[at].role == "question" else messages[: at + 1]


def as_messages(seen: Snapshot) -> Sequence[MessageReply]:
    """Return a live question and its answer as messages, before Lectern's own are read."""
    now = datetime.now(UTC)
    question = MessageReply(
        message_id=seen.question_id or f"{seen.answer_id}q",
        parent_id="",
        role="question",
        state="complete",
        text=seen.question,
        created_at=now,
        siblings=[],
        position=1,
    )
    answer = question.model_copy(
        update={
            "message_id": seen.message_id or seen.answer_id,
            "parent_id": question.message_id,
            "role": "answer",
            "state": {"done": "complete", "running": "complete"}.get(seen.state, seen.state),
            "text": seen.text,
            "answer": reply_of(seen),
            "failure": seen.error
            and MessageFailure(code=seen.error.code, detail=seen.error.detail),
        }
    )
    return question, answer


def reply_of(seen: Snapshot) -> AnswerReply:
    """Return the answer as far as it has come."""
    return seen.reply or AnswerReply(
        answer=seen.text,
        kind="generated",
        found=True,
        citations=list(seen.citations),
        passages=list(seen.passages),
        usage=_NO_USAGE,
        timings_ms={},
        warnings=[],
        conversation_id=seen.conversation_id,
        question_id=seen.question_id,
        message_id=seen.message_id,
    )


def find_reply(message_id: str) -> AnswerReply | None:
    """Return the answer of a message on the page, or of the live one."""
    answer = live()
    if answer is not None:
        seen = answer.snapshot()
        if message_id in {seen.answer_id, seen.message_id}:
            return reply_of(seen)
    return next((m.answer for m in current().messages if m.message_id == message_id), None)


def replace_message(message: MessageReply) -> None:
    """Show a message as it is now, such as with its feedback."""
    shown = current()
    shown.messages = [
        message if each.message_id == message.message_id else each for each in shown.messages
    ]


def _load(conversation_id: str) -> Conversation:
    conversations = lectern().conversations
    try:
        known = conversations.get(conversation_id)
    except NotFound:
        st.query_params.pop(ADDRESS, None)
        raise
    shown = Conversation(known, known.scope, known.assistant)
    _take(shown, conversations.messages(conversation_id))
    return shown


def _take(shown: Conversation, found: MessageList) -> None:
    """Show the last messages; each one on the page costs time at every click."""
    shown.messages = found.messages[-_SHOWN:]
    shown.earlier = found.earlier + max(0, len(found.messages) - _SHOWN)
