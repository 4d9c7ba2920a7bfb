"""What answering used, added to the sums of the day."""

from collections.abc import Iterator

from lectern import telemetry
from lectern.api import AnswerEvent, AnswerReply
from lectern.catalog.port_usage import Usage, Used
from lectern.errors import TransientError


def counted_events(
    events: Iterator[AnswerEvent], usage: Usage, user_id: str
) -> Iterator[AnswerEvent]:
    """Yield `events` and count the question once they have ended, however they did.

    It counts for the collection its passages come from, if that is one. What a model read and wrote
    is known of whole answers only.
    """
    collections: set[str] = set()
    used = Used(questions=1)
    try:
        for event in events:
            if event.event == "passages":
                collections = {each["collection_id"] for each in event.data["passages"]}
            if event.event == "done":
                spent = AnswerReply.model_validate(event.data).usage
                used = Used(
                    questions=1,
                    prompt_tokens=spent.prompt_tokens,
                    completion_tokens=spent.completion_tokens,
                )
            yield event
    except Exception:
        used = Used(questions=1, failed=1)
        raise
    finally:
        _add(usage, user_id, used, collections.pop() if len(collections) == 1 else "")


def _add(usage: Usage, user_id: str, used: Used, collection_id: str) -> None:
    try:
        usage.add(user_id, used, collection_id=collection_id)
    except TransientError as error:
        telemetry.logger.warning("use not counted", extra={"code": error.code})
