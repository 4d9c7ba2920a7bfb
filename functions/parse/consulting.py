"""Has a document read as its collection wants it: by readers alone, or by a service before them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from functions.parse.assembly import Target
from functions.parse.detect import PARSERS
from functions.parse.parsing import Parsing, WrittenPart
from functions.parse.services.asking import Asking, Question
from functions.parse.worker import PageRange, Source
from lectern.events import DocumentEvent
from lectern.parsers import NEEDED

_WHOLE = 1  # the part and first page of what is sent whole


@dataclass(frozen=True, slots=True)
class Consulting:
    """Knows which documents a service is asked about."""

    asking: Asking

    def asks(self, parsing: Parsing, form: str) -> bool:
        """Return whether a document of this format goes to a service.

        Raises:
            PermanentError: It would, but the service is not configured here (code
                `parser_not_configured`).
        """
        parser = parsing.manner.parser
        if parser not in NEEDED or form not in PARSERS[parser]:
            return False
        self.asking.require(parser)
        return True

    def written(
        self,
        event: DocumentEvent,
        source: Source,
        *,
        form: str,
        parsing: Parsing,
        folder: Path,
        pages: PageRange | None,
    ) -> Sequence[WrittenPart]:
        """Write the parts of a document into the folder: one of these pages, or all of it.

        Args:
            event: Names the revision; a second delivery waits for the same answer.
            source: The file.
            form: Its format.
            parsing: How its collection is parsed.
            folder: Where everything is written.
            pages: Of a PDF; None for any other file, which is read whole.

        Raises:
            LecternError: What the service answers, see `LayoutService`; what readers raise.
        """
        if self.asks(parsing, form):
            source = self._answered(event, source, parsing, folder, pages)
        target = Target(folder, event.collection_id, event.document_id, event.revision)
        if pages is None:
            return parsing.parse_whole(source, target)
        return parsing.parse_range(source, target, pages)

    def _answered(
        self,
        event: DocumentEvent,
        source: Source,
        parsing: Parsing,
        folder: Path,
        pages: PageRange | None,
    ) -> Source:
        """Return the source with what its service says of it."""
        sent = parsing.prepare(source, folder, pages)
        asked = pages or PageRange(_WHOLE, _WHOLE, _WHOLE)
        question = Question(
            event, parsing.manner.parser, asked.part, asked.first_page, asked.last_page
        )
        reply = self.asking.ask(question, sent, folder)
        return replace(source, reply=reply, pages=None if pages else sent)
