"""After a restore: what catalog, objects and index say of a document agrees again.

The catalog is of one moment, objects and index may be of a later one. Whatever can be made again
from what is there is set to be; the sweeper then publishes it. Nothing that people gave us is
removed. Safe to repeat, at any time.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from lectern.catalog.port import Catalog
from lectern.catalog.records import Collection, Document, Failure
from lectern.documents import DocumentState, PartState
from lectern.index.port import CollectionIndex
from lectern.objects import ObjectStore

_LOOKED_AT = (
    DocumentState.UPLOADED,
    DocumentState.PARSING,
    DocumentState.EMBEDDING,
    DocumentState.INDEXED,
    DocumentState.READY,
)
_PAGE = 500
_DEPTH = 5  # uploads/<collection>/<document>/<revision>/<name>
_LOST = Failure(
    "restore",
    "file_gone",
    "the file was removed after the backup that was restored; upload it again",
)

Uploads = Mapping[str, Mapping[int, str]]
"""Keys of uploaded files by document and revision."""


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Compares and mends one installation.

    Args:
        catalog: What there should be.
        store: What there is of files and parsed parts.
        index_of: Opens a collection's index.
        take_in_newer: Make documents of files that the catalog does not know, which are newer.
    """

    catalog: Catalog
    store: ObjectStore
    index_of: Callable[[str], CollectionIndex]
    take_in_newer: bool = True
    counts: Counter[str] = field(default_factory=Counter)

    def reconcile(self) -> Mapping[str, int]:
        """Look through every collection; return how many documents met which fate.

        `embedded_again`, `parsed_again`, `file_gone`, `newer_files` taken in, and `rows_removed`:
        documents whose rows nobody knows.
        """
        administrator = next((user for user in self.catalog.people.users() if user.is_admin), None)
        if administrator is None:
            return self.counts
        uploads = self._uploads()
        parsed = {info.key for info in self.store.list("parsed/")}
        for collection in self.catalog.collections.visible_to(administrator):
            self._reconcile(collection, uploads.get(collection.collection_id, {}), parsed)
        return self.counts

    def _reconcile(self, collection: Collection, uploads: Uploads, parsed: set[str]) -> None:
        index = self.index_of(collection.collection_id)
        held = index.held()
        for document in self._documents(collection.collection_id):
            self._mend(document, uploads.get(document.document_id, {}), parsed, held)
        for document_id in {document_id for document_id, _ in held}:
            if self.catalog.documents.get(document_id) is None:
                index.delete_document(document_id)
                self.counts["rows_removed"] += 1
        for document_id, files in uploads.items() if self.take_in_newer else ():
            if self.catalog.documents.get(document_id) is None:
                self._take_in(collection, document_id, files)

    def _documents(self, collection_id: str) -> Iterator[Document]:
        cursor = ""
        while True:
            page, cursor = self.catalog.documents.list(
                collection_id, limit=_PAGE, cursor=cursor, states=_LOOKED_AT, trashed=None
            )
            yield from page
            if not cursor:
                return

    def _mend(
        self,
        document: Document,
        files: Mapping[int, str],
        parsed: set[str],
        held: Mapping[tuple[str, int], int],
    ) -> None:
        newer = max(files, default=0) if self.take_in_newer else 0
        newer = newer if newer > document.revision else 0
        if newer:
            self._expect(document.collection_id, document.owner_id, document.name, files[newer])
        parts = self.catalog.documents.parts(document.document_id, document.revision)
        embedded = [part for part in parts if part.state is PartState.EMBEDDED]
        rows = held.get((document.document_id, document.revision), 0)
        there = document.object_key in files.values()
        if rows >= sum(part.chunk_count for part in embedded) and (there or embedded):
            return
        if parts and all(not part.chunks_key or part.chunks_key in parsed for part in parts):
            fate, parsed_is_there = "embedded_again", True
        elif there:
            fate, parsed_is_there = "parsed_again", False
        elif newer:
            return
        else:
            fate, parsed_is_there = "file_gone", False
        which = (document.document_id, document.revision)
        self.catalog.documents.begin_again(*which, parsed=parsed_is_there)
        if fate == "file_gone":
            self.catalog.documents.fail(*which, _LOST)
        self.counts[fate] += 1

    def _take_in(self, collection: Collection, document_id: str, files: Mapping[int, str]) -> None:
        key = files[max(files)]
        name = PurePosixPath(key).name
        if self.catalog.documents.find(collection.collection_id, name) is not None:
            path = PurePosixPath(name)
            name = f"{path.stem} ({document_id[:6]}){path.suffix}"
        self._expect(collection.collection_id, collection.owner_id, name, key, document_id)

    def _expect(
        self, collection_id: str, owner_id: str, name: str, key: str, document_id: str = ""
    ) -> None:
        """Have the sweeper find the file at `key` as an upload whose notification was lost."""
        reserved = self.catalog.documents.reserve(
            collection_id, owner_id, name, document_id=document_id
        )
        if reserved.object_key != key:
            self.store.copy(key, reserved.object_key)
            self.store.delete([key])
        self.counts["newer_files"] += 1

    def _uploads(self) -> Mapping[str, Uploads]:
        """Return all uploaded files by collection."""
        found: dict[str, dict[str, dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
        for info in self.store.list("uploads/"):
            components = info.key.split("/")
            if len(components) == _DEPTH and components[3].isdecimal():
                _, collection_id, document_id, revision, _ = components
                found[collection_id][document_id][int(revision)] = info.key
        return found
