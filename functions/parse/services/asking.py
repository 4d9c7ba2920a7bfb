"""Asks the service that a collection's parser is, once for each part, whatever is delivered twice.

What a service is asked costs money or minutes. So the operation is noted in the store before its
answer is waited for: a delivery that comes after one that was killed, or that waited too long,
goes on waiting for the same answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from functions.parse.services.port import LayoutService, OperationGone
from lectern import telemetry
from lectern.documents import revision_prefix
from lectern.errors import PermanentError, SourceGone, TransientError
from lectern.events import DocumentEvent
from lectern.objects import ObjectStore
from lectern.parsers import NEEDED, Parser

REPLY_FILE = "reply.json"
_ATTEMPTS = 2  # the second when the service has forgotten what it was asked


class _Ticket(BaseModel):
    """What a service was asked and has not answered yet, as it lies in the store."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    operation: str = Field(min_length=1, max_length=2000)
    first_page: int
    last_page: int


@dataclass(frozen=True, slots=True)
class Question:
    """Which pages of which document go to which service; `part` is 1-based."""

    event: DocumentEvent
    parser: Parser
    part: int
    first_page: int
    last_page: int

    @property
    def key(self) -> str:
        """Where the ticket lies: with what the part becomes, and goes with it."""
        event = self.event
        prefix = revision_prefix("parsed", event.collection_id, event.document_id, event.revision)
        return f"{prefix}part-{self.part:04d}.{self.parser}.json"


@dataclass(frozen=True, slots=True)
class Asking:
    """The services there are, and the store that keeps what they were asked."""

    services: Mapping[Parser, LayoutService]
    store: ObjectStore

    def require(self, parser: Parser) -> LayoutService:
        """Return the service that a parser is.

        Raises:
            PermanentError: It is not configured here (code `parser_not_configured`).
        """
        service = self.services.get(parser)
        if service is None:
            raise PermanentError(
                f"the collection is read by {parser!r}, which is not configured here; set "
                f"{NEEDED[parser]}, or choose another parser for the collection, then reprocess "
                "the document",
                code="parser_not_configured",
            )
        return service

    def ask(self, question: Question, pdf: Path, folder: Path) -> Path:
        """Return the file in `folder` with the service's reply about `pdf`.

        Raises:
            LecternError: See `LayoutService`.
        """
        service = self.require(question.parser)
        until = monotonic() + service.timeout_s
        into = folder / REPLY_FILE
        began = monotonic()
        for attempt in range(1, _ATTEMPTS + 1):
            ticket = self._noted(question) or self._submitted(question, service, pdf, until)
            try:
                service.fetch(ticket.operation, into, until=until)
                break
            except OperationGone:
                self.store.delete([question.key])
                if attempt == _ATTEMPTS:
                    raise _forgotten(question) from None
            except PermanentError:
                self.store.delete([question.key])  # asked anew when somebody tries again
                raise
        self.store.delete([question.key])
        telemetry.note(parser=question.parser, parser_s=round(monotonic() - began, 1))
        return into

    def _noted(self, question: Question) -> _Ticket | None:
        try:
            ticket = _Ticket.model_validate_json(self.store.read(question.key))
        except (SourceGone, ValidationError):
            return None
        pages = (ticket.first_page, ticket.last_page)
        return ticket if pages == (question.first_page, question.last_page) else None

    def _submitted(
        self, question: Question, service: LayoutService, pdf: Path, until: float
    ) -> _Ticket:
        operation = service.submit(pdf, until=until)
        ticket = _Ticket(
            operation=operation, first_page=question.first_page, last_page=question.last_page
        )
        self.store.write(question.key, ticket.model_dump_json().encode())
        return ticket


def _forgotten(question: Question) -> TransientError:
    return TransientError(
        f"the service {question.parser!r} lost what it was asked twice; it is asked again. If that "
        "repeats, several servers behind its address may not share their tasks",
        code="parser_unavailable",
        retry_after_s=30,
    )
