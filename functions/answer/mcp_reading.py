"""Pages of a document as text, from its chunks, in portions that a model can take."""

from dataclasses import dataclass

from functions.answer.mcp_bodies import PageText, ReadInput, ReadPages
from functions.answer.places import PublicPlaces
from functions.answer.retrieving import DocumentShelf
from lectern.api import ChunkReply, DocumentReply
from lectern.errors import InvalidRequest

MOST_CHARACTERS = 30_000  # of one reading
_AT_ONCE = 100  # chunks of one request


def read_pages(documents: DocumentShelf, wanted: ReadInput, places: PublicPlaces) -> ReadPages:
    """Return the pages that are `wanted`, as many as fit into `MOST_CHARACTERS`.

    Raises:
        NotFound: There is no such document for this caller.
        InvalidRequest: It has no such page, or the cursor is of another revision.
    """
    document = documents.get(wanted.document_id)
    if wanted.first_page > max(1, document.pages):
        raise InvalidRequest(f"the document has {document.pages} pages; there is no later one")
    if wanted.cursor:
        at = _Cursor.read(wanted.cursor, document)
    else:
        at = _Cursor(document.revision, _first_chunk(documents, document, wanted.first_page))
    found, cursor = _chunks(documents, document, at, wanted.last_page)
    texts: dict[int, list[str]] = {}
    for chunk in found:
        texts.setdefault(chunk.page_number, []).append(chunk.text[:MOST_CHARACTERS])
    return ReadPages(
        document_id=document.document_id,
        document_name=document.name,
        collection_id=document.collection_id,
        pages=[
            PageText(
                page_number=page,
                text="\n".join(pieces),
                link=places.link_to(document.document_id, page),
            )
            for page, pieces in texts.items()
        ],
        cursor=cursor,
    )


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The next chunk to read, of a revision."""

    revision: int
    offset: int

    def __str__(self) -> str:
        return f"{self.revision}.{self.offset}"

    @classmethod
    def read(cls, text: str, document: DocumentReply) -> "_Cursor":
        revision, _, offset = text.partition(".")
        if not (revision.isdecimal() and offset.isdecimal()):
            raise InvalidRequest(f"the cursor {text!r} is not one of this tool")
        if int(revision) != document.revision:
            raise InvalidRequest("the document has changed since; read it without a cursor")
        return cls(int(revision), int(offset))


def _chunks(
    documents: DocumentShelf, document: DocumentReply, at: _Cursor, last_page: int | None
) -> tuple[list[ChunkReply], str]:
    """Return the chunks up to `last_page` that fit, and the cursor behind them, "" at the end."""
    found: list[ChunkReply] = []
    characters, offset = 0, at.offset
    while offset < document.chunks:
        window = documents.chunks(document.document_id, offset=offset, limit=_AT_ONCE).chunks
        for chunk in window:
            characters += len(chunk.text)
            if last_page is not None and chunk.page_number > last_page:
                return found, ""
            if found and characters > MOST_CHARACTERS:
                return found, str(_Cursor(at.revision, offset))
            found.append(chunk)
            offset += 1
        if not window:
            break
    return found, ""


def _first_chunk(documents: DocumentShelf, document: DocumentReply, page_number: int) -> int:
    """Return how many chunks stand before the page, by halving: they are in reading order."""
    low, high = 0, document.chunks if page_number > 1 else 0
    while low < high:
        middle = (low + high) // 2
        window = documents.chunks(document.document_id, offset=middle, limit=1).chunks
        if window and window[0].page_number < page_number:
            low = middle + 1
        else:
            high = middle
    return low
