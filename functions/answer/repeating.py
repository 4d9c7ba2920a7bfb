"""Asking a stored question again, today, with the settings it had then."""

from dataclasses import dataclass

from functions.answer.accounting import chats_for, counted_events, embedder_for
from functions.answer.answering import answer_events
from functions.answer.assisting import style_now
from functions.answer.comparing import passage_changes, text_changes
from functions.answer.following import Understood
from functions.answer.language import language_of
from functions.answer.preferring import Wishes, with_house_rules
from functions.answer.receipts import answer_of, made_with, record_of
from functions.answer.recording import Recording
from functions.answer.streaming import Cancellation
from functions.answer.wiring import Dependencies
from lectern.access import Access
from lectern.api import AnswerReply, ReceiptSettings, RepeatReply, UserSettings
from lectern.catalog.records_conversations import Receipted
from lectern.errors import LecternError, NotFound


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks again: their rights, their bearer token, their settings."""

    access: Access
    token: str
    settings: UserSettings

    @property
    def readable(self) -> frozenset[str]:
        """Ids of the collections they may read now."""
        return frozenset(found.collection_id for found in self.access.collections([]))


def repeated(found: Receipted, asker: Asker, needs: Dependencies) -> RepeatReply:
    """Return the answer to the same question now, beside the stored one.

    Models, prompts, style and rules of collections are today's. What its owner may not read any
    more takes no part: neither in the search nor in the comparison.

    Raises:
        NotFound: Nothing is left of where the question was to search.
        LecternError: See `answer_events`.
    """
    record = record_of(found)
    then, _ = answer_of(found, asker.readable)
    recording = Recording()
    wishes = _wishes_now(found.question, record.settings, asker)
    access = asker.access
    chats = chats_for(needs.models, access.user.user_id, wishes)
    events = answer_events(
        Understood(record.meant or found.question, record.query or found.question),
        wishes,
        library=needs.library_of(asker.token),
        embedder=embedder_for(needs.models, access.user.user_id, wishes),
        chat=chats.answer,
        small=chats.small,
        vision=chats.vision,
        timeout_s=chats.timeout_s(needs.timeout_s),
        cancellation=Cancellation(),
        recording=recording,
    )
    for event in counted_events(events, access.catalog.usage, access.user.user_id, chats):
        if event.event == "done":
            now = AnswerReply.model_validate(event.data)
            return RepeatReply(
                answered_at=found.answer.created_at,
                then=record.made_with,
                now=made_with(recording.calls, wishes.style_of),
                passages=passage_changes(then.passages, now.passages),
                text=text_changes(then.answer, now.answer),
                answer=now,
            )
    raise LecternError("the answer has no end; the log of the function has it")


def _wishes_now(question: str, settings: ReceiptSettings, asker: Asker) -> Wishes:
    asked_for = settings.language or None
    assistants = settings.assistant and style_now(asker.access, settings.assistant)
    style = assistants or asker.settings.answer_style
    wishes = Wishes(
        collections=_still_there(settings.collections, asker.access),
        documents=_documents_still_there(settings.documents, asker.access),
        filters=settings.filters,
        mode=settings.mode,
        top_k=settings.top_k,
        language=asked_for or language_of(question),
        asked_for=asked_for,
        reasoning=settings.reasoning,
        tools=settings.tools,
        citation_style=settings.citation_style,
        style=style,
        style_of="assistant" if assistants else "own" if style else "default",
        assistant=settings.assistant,
    )
    return with_house_rules(wishes, asker.access)


def _still_there(names: list[str], access: Access) -> list[str]:
    """Return the collections that are left; never none where there were some: none means all."""
    left = [name for name in names if access.catalog.collections.reach(access.user, name)]
    if names and not left:
        raise NotFound("the collections of this question are no longer there, or no longer yours")
    return left


def _documents_still_there(document_ids: list[str], access: Access) -> list[str]:
    left = [each for each in document_ids if _is_there(each, access)]
    if document_ids and not left:
        raise NotFound("the documents of this question are no longer there, or no longer yours")
    return left


def _is_there(document_id: str, access: Access) -> bool:
    try:
        access.document(document_id)
    except NotFound:
        return False
    return True
