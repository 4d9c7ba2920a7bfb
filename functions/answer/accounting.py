"""Which models answer a question, and what they used, added to the sums of the day."""

from collections.abc import Iterator
from dataclasses import dataclass

from functions.answer.preferring import Wishes
from lectern import telemetry
from lectern.api import AnswerEvent
from lectern.catalog.port_usage import Usage, Used
from lectern.errors import TransientError
from lectern.models import Embedder
from lectern.models.registry import Models
from lectern.models.registry_chat import ChosenChat


@dataclass(frozen=True, slots=True)
class Chats:
    """The models of one question: what answers, what does the small tasks around it, what sees."""

    answer: ChosenChat | None
    small: ChosenChat | None
    vision: ChosenChat | None = None

    def timeout_s(self, otherwise: float) -> float:
        """Return the time for an answer: that of the model that writes it, if there is one."""
        return otherwise if self.answer is None else self.answer.timeout_s

    def used(self, *, failed: bool) -> Used:
        """Return what they read and wrote until now, as one question."""
        spent = [chat.spent for chat in (self.answer, self.small, self.vision) if chat is not None]
        return Used(
            questions=1,
            failed=int(failed),
            prompt_tokens=sum(each.prompt_tokens for each in spent),
            completion_tokens=sum(each.completion_tokens for each in spent),
            cost_micros=sum(each.cost_micros for each in spent),
        )


def chats_for(models: Models, user_id: str, wishes: Wishes) -> Chats:
    """Return the models for a question, at the expense of its asker and its only collection.

    Raises:
        TransientError: The catalog cannot be reached.
    """
    collection_id = wishes.ruled_by
    return Chats(
        models.chat("answer", user_id=user_id, collection_id=collection_id),
        models.chat("small", user_id=user_id, collection_id=collection_id),
        models.chat("vision", user_id=user_id, collection_id=collection_id),
    )


def embedder_for(models: Models, user_id: str, wishes: Wishes) -> Embedder:
    """Return what compares sentences, at the same expense; what it takes it counts itself.

    Raises:
        TransientError: The catalog cannot be reached.
        PermanentError: The offline embedder cannot be built.
    """
    return models.embedders(user_id=user_id, collection_id=wishes.ruled_by).default


def counted_events(
    events: Iterator[AnswerEvent], usage: Usage, user_id: str, chats: Chats
) -> Iterator[AnswerEvent]:
    """Yield `events` and count the question once they have ended, however they did.

    It counts for the collection its passages come from, if that is one. What models read and wrote
    counts whole also when the answer was stopped or broke.
    """
    collections: set[str] = set()
    failed = False
    try:
        for event in events:
            if event.event == "passages":
                collections = {each["collection_id"] for each in event.data["passages"]}
            yield event
    except Exception:
        failed = True
        raise
    finally:
        only = collections.pop() if len(collections) == 1 else ""
        _add(usage, user_id, chats.used(failed=failed), only)


def _add(usage: Usage, user_id: str, used: Used, collection_id: str) -> None:
    try:
        usage.add(user_id, used, collection_id=collection_id)
    except TransientError as error:
        telemetry.logger.warning("use not counted", extra={"code": error.code})
