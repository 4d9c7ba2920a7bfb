"""What maintain does for each of its events."""

from functions.maintain.cleaning import remove_document, remove_older_revisions
from functions.maintain.wiring import Dependencies
from lectern.errors import InvalidEvent
from lectern.events import DocumentDeleted, DocumentIndexed, Event, MaintenanceDue


def tend(event: Event, have: Dependencies) -> None:
    """Do what the event asks for. Safe to repeat.

    Raises:
        InvalidEvent: Its type is not one of maintain's.
        TransientError: Part of it could not be done now.
    """
    match event:
        case DocumentIndexed():
            remove_older_revisions(event, store=have.store, index_of=have.index_of)
            have.upkeep.after_document(event.collection_id)
        case DocumentDeleted():
            remove_document(event, catalog=have.catalog, store=have.store, index_of=have.index_of)
        case MaintenanceDue(task="optimize"):
            have.upkeep.run_all()
        case MaintenanceDue(task="sweep"):
            have.sweeper.sweep(event.older_than_s)
        case MaintenanceDue(task="backup"):
            have.backups.make(tick=event.tick)
        case _:
            raise InvalidEvent(f"type {event.event_type!r} is not handled here")
