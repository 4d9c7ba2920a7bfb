"""What follows from a dead letter: its document failed; replayed, it may run again."""

from pydantic import ValidationError

from functions.maintain.dead_letters import (
    LetterBox,
    addressee_of,
    problem_of,
    without_error,
)
from lectern import telemetry
from lectern.catalog.port import Catalog
from lectern.errors import PermanentError
from lectern.events import EVENT_MODELS, DocumentEvent, Envelope, Publisher
from lectern.failures import Failures
from lectern.publishing import HttpPublisher
from lectern.registration import uploaded


def mark_failed(
    envelope: Envelope, *, function_url: str, catalog: Catalog, publisher: Publisher
) -> None:
    """Mark the letter's document failed, if it has one that still waits. Safe to repeat.

    Args:
        envelope: The letter.
        function_url: See `addressee_of`.
        catalog: Where the document is marked.
        publisher: Told of the failure.
    """
    event = _document_event(envelope)
    if event is None:
        return
    problem, stage = problem_of(envelope), addressee_of(envelope, function_url)
    telemetry.note(stage=stage, code=problem.code)
    failures = Failures(stage=stage, catalog=catalog, publisher=publisher)
    failures.report(event, PermanentError(problem.detail, code=problem.code))


def replay(
    letter_id: str, *, letters: LetterBox, catalog: Catalog, publisher: HttpPublisher
) -> None:
    """Publish the letter's event once more and remove the letter.

    A document that failed begins again instead, because its parts are forgotten with the failure.

    Raises:
        NotFound: There is no such letter.
    """
    envelope = without_error(letters.open(letter_id))
    event = _document_event(envelope)
    document = event and catalog.documents.retry(event.document_id, event.revision)
    if document:
        publisher.publish(uploaded(document))
    else:
        publisher.send(envelope)
    letters.remove(letter_id)


def _document_event(envelope: Envelope) -> DocumentEvent | None:
    model = EVENT_MODELS.get(envelope.event_type)
    if model is None or not issubclass(model, DocumentEvent):
        return None
    try:
        return model.model_validate_json(envelope.data)
    except ValidationError:  # the very reason why it could not be delivered
        return None
