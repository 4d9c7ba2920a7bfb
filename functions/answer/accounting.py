"""What answering used, added to the sums of the day."""

from collections.abc import Iterator

from lectern import telemetry
from lectern.api import AnswerEvent
from lectern.catalog.port_usage import Usage, Used
from lectern.errors import TransientError
from lectern.models.registry_chat import ChosenChat


def counted_events(
    events: Iterator[AnswerEvent], usage: Usage, user_id: str, chat: ChosenChat | None
) -> Iterator[AnswerEvent]:
    """Yield `events` and count the question once they have ended, however they did.

    It counts for the collection its passages come from, if that is one. What `chat` read and wrote
    counts whole also when the answer was stopped or broke.
    """
    collections: set[str] = set()
    failed = 0
    try:
        for event in events:
            if event.event == "passages":
                collections = {each["collection_id"] for each in event.data["passages"]}
            yield event
    except Exception:
        failed = 1
        raise
    finally:
        used = _used(chat, failed=failed)
        _add(usage, user_id, used, collections.pop() if len(collections) == 1 else "")


def _used(chat: ChosenChat | None, *, failed: int) -> Used:
    if chat is None:
        return Used(questions=1, failed=failed)
    return Used(
        questions=1,
        failed=failed,
        prompt_tokens=chat.spent.prompt_tokens,
        completion_tokens=chat.spent.completion_tokens,
        cost_micros=chat.spent.cost_micros,
    )


def _add(usage: Usage, user_id: str, used: Used, collection_id: str) -> None:
    try:
        usage.add(user_id, used, collection_id=collection_id)
    except TransientError as error:
        telemetry.logger.warning("use not counted", extra={"code": error.code})
