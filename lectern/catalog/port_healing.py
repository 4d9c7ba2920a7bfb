"""What the catalog does about documents whose objects or rows do not hold what it says."""

from typing import Protocol

from lectern.catalog.records import Document


class Healing(Protocol):
    """The part of `Documents` for what a restore has left incomplete."""

    def begin_again(self, document_id: str, revision: int, *, parsed: bool) -> Document | None:
        """Have a revision indexed again whose rows are not in the index; None if superseded.

        Whatever state it is in, it counts as one that has not moved for long, so that the next
        sweep publishes what is due.

        Args:
            document_id: The document.
            revision: Its current revision.
            parsed: Its parsed parts are in the store, and embedding them is enough; else it is
                parsed again.
        """
        ...
