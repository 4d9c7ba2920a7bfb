"""Hands parsed parts on: into the store, and to the next stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from functions.parse.assembly import part_file
from functions.parse.parsing import WrittenPart, trusted_file
from lectern import telemetry
from lectern.catalog.records import Part
from lectern.documents import PartState, chunks_key, revision_prefix
from lectern.events import DocumentEvent, PartAssigned, PartParsed, Publisher
from lectern.objects import ObjectStore

_CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class Handover:
    """Keys and event ids are deterministic: all of it may be repeated."""

    store: ObjectStore
    publisher: Publisher

    def upload(self, event: DocumentEvent, part: WrittenPart, folder: Path) -> list[str]:
        """Write the part's figures, then its chunks; return the keys, that of the chunks last."""
        names = (event.collection_id, event.document_id, event.revision)
        prefix = revision_prefix("figures", *names)
        keys = []
        for name in part.figures:
            keys.append(prefix + name)
            content_type = _CONTENT_TYPES[name.rpartition(".")[2]]
            data = trusted_file(folder, name).read_bytes()
            self.store.write(keys[-1], data, content_type=content_type)
        keys.append(chunks_key(*names, part.part))
        self.store.write(keys[-1], trusted_file(folder, part_file(part.part)).read_bytes())
        telemetry.note(chunks=part.chunk_count, figures=len(part.figures))
        return keys

    def announce(self, event: DocumentEvent, found: Sequence[Part], *, parts: int = 0) -> None:
        """Publish what has to be done next about each part; embedded ones need nothing."""
        for part in found:
            common = {
                "collection_id": event.collection_id,
                "document_id": event.document_id,
                "revision": event.revision,
                "part": part.part,
                "parts": parts or len(found),
            }
            if part.state is PartState.ASSIGNED:
                self.publisher.publish(
                    PartAssigned(first_page=part.first_page, last_page=part.last_page, **common)
                )
            elif part.state is PartState.PARSED:
                self.publisher.publish(
                    PartParsed(chunks_key=part.chunks_key, chunk_count=part.chunk_count, **common)
                )

    def withdraw(self, keys: Sequence[str]) -> None:
        """Remove what was uploaded for a revision that is superseded."""
        self.store.delete(keys)
