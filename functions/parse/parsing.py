"""Runs the worker's functions in the sandbox and checks what they say they wrote."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from functions.parse import worker
from functions.parse.assembly import Target
from functions.parse.worker import Manner, PageRange, Source
from lectern.catalog.collection_settings import CollectionSettings
from lectern.errors import UnreadableDocument
from lectern.sandbox import Sandbox

T = TypeVar("T")

PRELOAD = (
    "functions.parse.worker",
    "functions.parse.readers.pdf",
    "functions.parse.readers.pdf_document",
)


class _Reply(BaseModel):
    """Comes out of the sandbox: nothing in it is believed before it is checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Inspection(_Reply):
    """See `worker.inspect`."""

    format: Annotated[str, Field(max_length=32)]
    pages: Annotated[int, Field(ge=0, le=1_000_000)]
    scanned: bool


class WrittenPart(_Reply):
    """A part in the folder; `figures` are names of files there."""

    part: Annotated[int, Field(ge=1)]
    first_page: Annotated[int, Field(ge=1)]
    last_page: Annotated[int, Field(ge=1)]
    chunk_count: Annotated[int, Field(ge=0)]
    figures: list[Annotated[str, Field(pattern=r"^part-\d{4,}-\d{4}\.(png|jpg)$")]]


class Prepared(_Reply):
    """What a service is sent: a file in the folder, "" for the source itself."""

    file: Annotated[str, Field(pattern=r"^(sent\.pdf)?$")]


class UnpackedMember(_Reply):
    """A file inside the file: its name there, and the name it has in the folder."""

    path: Annotated[str, Field(min_length=1)]
    file: Annotated[str, Field(pattern=r"^[^/]+$")]
    problem: str


_INSPECTION = TypeAdapter(Inspection)
_PREPARED = TypeAdapter(Prepared)
_PARTS = TypeAdapter(list[WrittenPart])
_MEMBERS = TypeAdapter(list[UnpackedMember])


@dataclass(frozen=True, slots=True)
class Parsing:
    """The worker's functions behind limits. Safe to use from several threads.

    Args:
        sandbox: Runs them.
        manner: How documents are read.
        chunks_per_part: Chunks of a part of a document without pages.
        most_chunk_tokens: Returns what an embedder takes; None is the default.
    """

    sandbox: Sandbox
    manner: Manner
    chunks_per_part: int
    most_chunk_tokens: Callable[[str | None], int]

    def as_set(self, settings: CollectionSettings) -> Self:
        """Return the same as a collection sets it, with chunks as large as its embedder takes."""
        most = self.most_chunk_tokens(settings.embedder)
        manner = replace(
            self.manner,
            chunk_tokens=min(settings.chunk_tokens or self.manner.chunk_tokens, most),
            parser=settings.parser or self.manner.parser,
            ocr_languages=settings.ocr_languages,
        )
        return replace(self, manner=manner)

    def inspect(self, source: Source) -> Inspection:
        """Return what has to be known before parsing. Raises what readers raise."""
        return self._checked(_INSPECTION, worker.inspect, source)

    def prepare(self, source: Source, folder: Path, pages: PageRange | None) -> Path:
        """Return the PDF to send to a service. Raises what readers raise.

        Args:
            source: A PDF or a picture.
            folder: Where it is written when the source itself cannot be sent.
            pages: The pages of a PDF; None for a picture.
        """
        prepared = self._checked(_PREPARED, worker.prepare, source, folder, pages)
        return trusted_file(folder, prepared.file) if prepared.file else source.path

    def parse_range(
        self, source: Source, target: Target, pages: PageRange
    ) -> Sequence[WrittenPart]:
        """Write one page range of a PDF into the target's folder. Raises what readers raise."""
        return self._checked(
            _PARTS,
            worker.parse_range,
            source,
            target,
            pages,
            self.manner,
        )

    def parse_whole(self, source: Source, target: Target) -> Sequence[WrittenPart]:
        """Write a whole document into the target's folder. Raises what readers raise."""
        return self._checked(
            _PARTS,
            worker.parse_whole,
            source,
            target,
            self.chunks_per_part,
            self.manner,
        )

    def unpack(self, source: Source, folder: Path) -> Sequence[UnpackedMember]:
        """Write the files inside the file into `folder`. Raises what readers raise."""
        return self._checked(_MEMBERS, worker.unpack, source, folder)

    def _checked(
        self, shape: TypeAdapter[T], function: Callable[..., object], *arguments: object
    ) -> T:
        reply = self.sandbox.run(function, *arguments)
        try:
            return shape.validate_python(reply)
        except ValidationError as error:
            raise UnreadableDocument(
                "the parser gave no valid result; save the document anew and upload that",
                code="parser_crashed",
            ) from error


def trusted_file(folder: Path, name: str) -> Path:
    """Return the file `name` that the worker wrote into `folder`.

    Raises:
        UnreadableDocument: It is not there, or is not a plain file.
    """
    path = folder / name
    if path.is_symlink() or not path.is_file():
        raise UnreadableDocument(
            "the parser did not write what it announced; save the document anew and upload that",
            code="parser_crashed",
        )
    return path
