"""Has a document's pages read by the service that its collection chose, before the sandbox."""

from dataclasses import dataclass, replace
from pathlib import Path

from functions.parse.detect import PARSERS
from functions.parse.parsing import Parsing
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

    def consulted(
        self,
        event: DocumentEvent,
        source: Source,
        *,
        form: str,
        parsing: Parsing,
        folder: Path,
        pages: PageRange | None = None,
    ) -> Source:
        """Return the source with the service's reply, as it is when none is to be asked.

        Args:
            event: Names the revision; a second delivery waits for the same answer.
            source: The file.
            form: Its format.
            parsing: How its collection is parsed.
            folder: Where the reply is written.
            pages: Of a PDF; None for a picture, which is sent whole.

        Raises:
            LecternError: What the service answers, see `LayoutService`; what readers raise.
        """
        if not self.asks(parsing, form):
            return source
        sent = parsing.prepare(source, folder, pages)
        asked = pages or PageRange(_WHOLE, _WHOLE, _WHOLE)
        question = Question(
            event, parsing.manner.parser, asked.part, asked.first_page, asked.last_page
        )
        reply = self.asking.ask(question, sent, folder)
        return replace(source, reply=reply, pages=None if pages else sent)
