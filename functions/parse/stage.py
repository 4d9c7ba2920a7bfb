"""From an uploaded file to its parts: chunks with provenance, in the store.

The order of effects is what makes a kill at any moment heal: figures, then the chunk file, both
under deterministic keys; then the catalog; then the event. What a redelivery finds in the catalog
it announces again instead of doing it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from functions.parse.consulting import Consulting
from functions.parse.describing import Describing
from functions.parse.handover import Handover
from functions.parse.members import MAX_DEPTH, MemberIntake, depth
from functions.parse.parsing import Parsing, WrittenPart
from functions.parse.worker import PDF, PageRange, Source
from lectern import telemetry
from lectern.catalog.collection_settings import CollectionSettings
from lectern.catalog.port import Catalog
from lectern.catalog.records import Document, Part, PartPlan
from lectern.documents import DocumentState, PartState
from lectern.errors import SourceGone, TooLarge, UnreadableDocument
from lectern.events import DocumentEvent, DocumentUploaded, PartAssigned
from lectern.objects import ObjectStore
from lectern.sandbox import scratch_folder

_WITH_MEMBERS = frozenset({"zip", "email"})
_SCANNED_SHARE = 8  # a scanned page costs OCR: its parts are this much smaller


@dataclass(frozen=True, slots=True)
class Stage:
    """The function `parse` on its dependencies. Every method may run twice, or twice at once.

    Args:
        consulting: Asks the services that collections are read by.
        describing: Adds what a model says of figures and tables.
        max_upload_bytes: Largest document.
        pages_per_part: Pages of a part of a PDF; a larger one is shared between invocations.
    """

    catalog: Catalog
    store: ObjectStore
    parsing: Parsing
    consulting: Consulting
    handover: Handover
    members: MemberIntake
    describing: Describing
    max_upload_bytes: int
    pages_per_part: int

    def parse_document(self, event: DocumentUploaded) -> None:
        """Parse the document, or assign its parts when it is a large PDF.

        Raises:
            SourceGone: The uploaded file is not in the store.
            TooLarge: It exceeds a limit.
            UnreadableDocument: It cannot be read, or holds no text (code `no_text`).
            LecternError: What the service answers that the collection is read by, see
                `LayoutService`.
        """
        document = self.catalog.documents.begin_parsing(event.document_id, event.revision)
        if document is None:
            _superseded()
            return
        if document.state.terminal:
            telemetry.note(outcome="repeated")
            return
        if parts := self.catalog.documents.parts(event.document_id, event.revision):
            self.handover.announce(event, parts)
            return
        try:
            self._parse_uploaded(event, document)
        except SourceGone:
            self._raise_unless_superseded(event)

    def parse_part(self, event: PartAssigned) -> None:
        """Parse one part. Raises like `parse_document`."""
        document = self.catalog.documents.get(event.document_id)
        part = self.catalog.documents.part(event.document_id, event.revision, event.part)
        if document is None or part is None:
            _superseded()
            return
        if part.state is not PartState.ASSIGNED:
            self.handover.announce(event, [part], parts=event.parts)
            return
        try:
            self._parse_assigned(event, document, part)
        except SourceGone:
            self._raise_unless_superseded(event)

    def _parse_uploaded(self, event: DocumentUploaded, document: Document) -> None:
        self._refuse_oversized(document)
        with (
            self.store.local_file(document.object_key) as path,
            scratch_folder("parse") as folder,
        ):
            source = Source(path, document.name, document.content_type)
            facts = self.parsing.inspect(source)
            telemetry.note(format=facts.format, pages=facts.pages)
            settings = self._settings_of(document)
            parsing = self.parsing.as_set(settings)
            asks = self.consulting.asks(parsing, facts.format)
            per_part = self.pages_per_part
            if facts.scanned and not asks:
                per_part = max(1, per_part // _SCANNED_SHARE)
            if facts.format == PDF and facts.pages > per_part:
                self._assign(event, facts.pages, per_part)
                return
            members = 0
            if facts.format in _WITH_MEMBERS and depth(document, self.catalog) < MAX_DEPTH:
                members = self._unpack(source, folder, document)
            pages = PageRange(1, 1, facts.pages) if facts.format == PDF else None
            written = self.consulting.written(
                event, source, form=facts.format, parsing=parsing, folder=folder, pages=pages
            )
            written = self._described(document, written, folder, settings)
            self._complete(event, written, folder, pages=facts.pages, members=members)

    def _unpack(self, source: Source, folder: Path, document: Document) -> int:
        inside = folder / "members"
        inside.mkdir()
        members = self.parsing.unpack(source, inside)
        self.members.take_in(members, inside, document)
        telemetry.note(members=len(members))
        return len(members)

    def _complete(
        self,
        event: DocumentUploaded,
        written: Sequence[WrittenPart],
        folder: Path,
        *,
        pages: int,
        members: int,
    ) -> None:
        """Store the parts of a document parsed in one go, then record and announce them."""
        if not sum(part.chunk_count for part in written):
            if not members:
                raise _no_text()
            self.catalog.documents.finish(event.document_id, event.revision)
            return
        keys: list[str] = []
        plans = []
        for part in written:
            keys += self.handover.upload(event, part, folder)
            plans.append(
                PartPlan(part.part, part.first_page, part.last_page, keys[-1], part.chunk_count)
            )
        planned = self.catalog.documents.plan_parts(
            event.document_id,
            event.revision,
            plans,
            pages=pages or max(part.last_page for part in written),
        )
        if planned is None:
            self.handover.withdraw(keys)
            _superseded()
            return
        self.handover.announce(event, planned)

    def _assign(self, event: DocumentUploaded, pages: int, per_part: int) -> None:
        plans = [
            PartPlan(number, first, min(first + per_part - 1, pages))
            for number, first in enumerate(range(1, pages + 1, per_part), start=1)
        ]
        planned = self.catalog.documents.plan_parts(
            event.document_id, event.revision, plans, pages=pages
        )
        if planned is None:
            _superseded()
            return
        self.handover.announce(event, planned)

    def _parse_assigned(self, event: PartAssigned, document: Document, part: Part) -> None:
        with (
            self.store.local_file(document.object_key) as path,
            scratch_folder("parse") as folder,
        ):
            source = Source(path, document.name, document.content_type)
            settings = self._settings_of(document)
            parsing = self.parsing.as_set(settings)
            form = parsing.inspect(source).format
            pages = PageRange(part.part, part.first_page, part.last_page) if form == PDF else None
            parsed = self.consulting.written(
                event, source, form=form, parsing=parsing, folder=folder, pages=pages
            )
            # Without page ranges it is a part tried again: the others are indexed already.
            written = [each for each in parsed if each.part == part.part]
            if not written:
                raise _no_text()
            [done] = self._described(document, written[:1], folder, settings)
            keys = self.handover.upload(event, done, folder)
        recorded = self.catalog.documents.part_parsed(
            event.document_id,
            event.revision,
            part.part,
            chunks_key=keys[-1],
            chunk_count=done.chunk_count,
        )
        if not recorded:
            self.handover.withdraw(keys)
            _superseded()
            return
        parts = self.catalog.documents.parts(event.document_id, event.revision)
        if all(each.chunks_key and not each.chunk_count for each in parts):
            raise _no_text()
        self.handover.announce(event, [p for p in parts if p.part == part.part], parts=event.parts)

    def _settings_of(self, document: Document) -> CollectionSettings:
        """Return how this document's collection wants it read."""
        collection = self.catalog.collections.get(document.collection_id)
        return collection.settings if collection else CollectionSettings()

    def _described(
        self,
        document: Document,
        parts: Sequence[WrittenPart],
        folder: Path,
        settings: CollectionSettings,
    ) -> Sequence[WrittenPart]:
        if not settings.describe_figures:
            return parts
        return self.describing.described(document, parts, folder)

    def _refuse_oversized(self, document: Document) -> None:
        size_bytes = self.store.info(document.object_key).size_bytes
        if size_bytes > self.max_upload_bytes:
            raise TooLarge(
                f"the document is {size_bytes} bytes, at most {self.max_upload_bytes} are read; "
                "split it or raise LECTERN_MAX_UPLOAD_BYTES"
            )

    def _raise_unless_superseded(self, event: DocumentEvent) -> None:
        """Called for a missing object: that is no failure when the document went with it."""
        document = self.catalog.documents.get(event.document_id)
        gone = document is None or document.state is DocumentState.DELETING
        if gone or (document is not None and document.revision != event.revision):
            _superseded()
            return
        raise SourceGone("the uploaded file is no longer in the store; upload it again")


def _no_text() -> UnreadableDocument:
    return UnreadableDocument(
        "no text was found in the document; if it holds scanned pages, install OCR (Debian: "
        "tesseract-ocr) or upload it with a text layer, otherwise check that it is not empty",
        code="no_text",
    )


def _superseded() -> None:
    telemetry.note(outcome="superseded")
