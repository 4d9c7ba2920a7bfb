"""Objects have arrived: make documents of those that are uploads, and leave the rest alone."""

from collections import Counter
from collections.abc import Iterable

from functions.intake.inbox import Inbox
from functions.intake.keys import InboxKey, UploadKey, read_key
from functions.intake.notifications import UploadedObject
from lectern import telemetry
from lectern.catalog.records import Reservation
from lectern.documents import upload_key
from lectern.errors import LecternError, NotFound, PermanentError, SourceGone, TransientError
from lectern.registration import Registrar

IGNORED = "ignored"


def take_in(
    objects: Iterable[UploadedObject], *, registrar: Registrar, inbox: Inbox, key_prefix: str
) -> None:
    """Register every object of a notification. Safe to repeat.

    One object in trouble does not stop the others. What is no upload of ours, is no longer there,
    or was reserved by nobody is ignored.

    Raises:
        TransientError: An object could not be registered now; all may be delivered again.
        PermanentError: An object cannot be registered, and delivering it again would not help.
    """
    outcomes: Counter[str] = Counter()
    errors: list[LecternError] = []
    for arrived in objects:
        try:
            found = read_key(arrived.key, key_prefix)
            outcomes[_take(found, registrar=registrar, inbox=inbox)] += 1
        except (PermanentError, TransientError) as error:
            errors.append(error)
    telemetry.note(**outcomes)
    if not errors and not outcomes.total() - outcomes[IGNORED]:
        telemetry.note(outcome=IGNORED)
    for trouble in sorted(errors, key=lambda error: isinstance(error, PermanentError)):
        raise trouble  # one that a repetition may cure comes first


def _take(found: UploadKey | InboxKey | None, *, registrar: Registrar, inbox: Inbox) -> str:
    try:
        if isinstance(found, InboxKey):
            return inbox.take(found)
        if isinstance(found, UploadKey):
            return _take_upload(found, registrar)
    except SourceGone:  # taken by another delivery, or deleted meanwhile
        return IGNORED
    return IGNORED


def _take_upload(found: UploadKey, registrar: Registrar) -> str:
    document = registrar.catalog.documents.get(found.document_id)
    if document is None or found.key != upload_key(
        document.collection_id, document.document_id, found.revision, document.name
    ):
        return _not_reserved(found)
    try:
        return registrar.register(Reservation(found.document_id, found.revision, found.key))
    except NotFound:
        return _not_reserved(found)


def _not_reserved(found: UploadKey) -> str:
    telemetry.logger.warning(
        "ignored an object under uploads/ that nobody reserved",
        extra={"document_id": found.document_id, "revision": found.revision},
    )
    return IGNORED
