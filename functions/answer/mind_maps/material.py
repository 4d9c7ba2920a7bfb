"""What a mind map is made of: pieces of documents in order, and what they are about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.answer.retrieving import DocumentShelf
from lectern.api import (
    AnswerReply,
    ChunkReply,
    MindMapPlace,
    Notice,
    Passage,
    SubjectReply,
)
from lectern.errors import InvalidRequest, NotFound

_AT_ONCE = 500  # the most that one request gives
_MOST_CHUNKS = 2000
_MOST_DOCUMENTS = 8  # whose subjects are asked for


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk: where it stands, under which headings, and what it says.

    `quote` is what an answer took from it, "" where nothing did.
    """

    place: MindMapPlace
    headings: tuple[str, ...]
    text: str
    quote: str = ""
    collection_id: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """What a map is drawn from; `pieces` are in the order of the document or of relevance."""

    title: str
    pieces: Sequence[Piece]
    subjects: Sequence[SubjectReply] = ()
    warnings: Sequence[Notice] = ()

    @property
    def only_collection(self) -> str:
        """The id of the collection that all pieces are from, "" for several."""
        found = {piece.collection_id for piece in self.pieces}
        return found.pop() if len(found) == 1 else ""


def of_document(document_id: str, documents: DocumentShelf) -> Material:
    """Return the chunks and subjects of a document.

    Raises:
        NotFound: There is none of that id for this caller.
        InvalidRequest: It is not indexed yet (code `nothing_to_map`).
    """
    document = documents.get(document_id)
    chunks: list[ChunkReply] = []
    while len(chunks) < _MOST_CHUNKS:
        window = documents.chunks(document_id, offset=len(chunks), limit=_AT_ONCE).chunks
        chunks += window
        if len(window) < _AT_ONCE:
            break
    if not chunks:
        raise _nothing(f"the document {document.name!r} has no text that is searchable yet")
    warnings = [_partial(len(chunks), document.chunks)] if document.chunks > len(chunks) else []
    pieces = [
        Piece(
            MindMapPlace(
                chunk_id=chunk.chunk_id,
                document_id=document_id,
                document_name=document.name,
                page_number=chunk.page_number,
            ),
            tuple(chunk.heading_path),
            chunk.text,
            collection_id=document.collection_id,
        )
        for chunk in chunks
    ]
    return Material(document.name, pieces, documents.subjects(document_id).subjects, warnings)


def of_answer(question: str, reply: AnswerReply, documents: DocumentShelf) -> Material:
    """Return what an answer cites; where it cites nothing, what was found for it.

    Raises:
        InvalidRequest: It rests on nothing that the caller may read (code `nothing_to_map`).
    """
    quotes: dict[int, str] = {}
    for citation in reply.citations:
        quotes.setdefault(citation.number, citation.quote)
    numbered = [
        (number, passage)
        for number, passage in enumerate(reply.passages, start=1)
        if passage.chunk_id and (number in quotes or not quotes)
    ]
    if not numbered:
        raise _nothing("the answer rests on no passage that you can read")
    pieces = [_piece(passage, number, quotes.get(number, "")) for number, passage in numbered]
    return Material(question, pieces, _subjects(pieces, documents))


def of_passages(title: str, passages: Sequence[Passage], documents: DocumentShelf) -> Material:
    """Return passages as they were given."""
    pieces = [_piece(passage, number) for number, passage in enumerate(passages, start=1)]
    return Material(title or passages[0].document_name, pieces, _subjects(pieces, documents))


def _piece(passage: Passage, number: int, quote: str = "") -> Piece:
    place = MindMapPlace(
        chunk_id=passage.chunk_id,
        document_id=passage.document_id,
        document_name=passage.document_name,
        page_number=passage.page_number,
        number=number,
    )
    headings = tuple(passage.heading_path)
    return Piece(place, headings, passage.text, quote, passage.collection_id)


def _subjects(pieces: Iterable[Piece], documents: DocumentShelf) -> Sequence[SubjectReply]:
    """Return the subjects of the pieces' documents; of one that is gone, none."""
    ids = dict.fromkeys(piece.place.document_id for piece in pieces)
    found: list[SubjectReply] = []
    for document_id in list(ids)[:_MOST_DOCUMENTS]:
        try:
            found += documents.subjects(document_id).subjects
        except NotFound:
            continue
    return found


def _partial(read: int, whole: int) -> Notice:
    return Notice(
        code="mind_map_partial",
        detail=f"the map shows the first {read} of {whole} passages",
        parameters={"read": read, "whole": whole},
    )


def _nothing(why: str) -> InvalidRequest:
    return InvalidRequest(f"{why}; there is nothing to draw", code="nothing_to_map")
