"""What runs in the sandbox: each function here touches hostile input and answers with JSON."""

from dataclasses import dataclass
from pathlib import Path

from functions.parse.assembly import PartWriter, Target, write_parts
from functions.parse.blocks import Reader
from functions.parse.chunking import Chunker
from functions.parse.detect import members_reader_for, reader_for
from functions.parse.ocr_languages import reading_in
from lectern.parsers import Parser

PDF = "pdf"
SENT_FILE = "sent.pdf"


@dataclass(frozen=True, slots=True)
class Source:
    """The uploaded file: where it lies, and what its sender called it.

    `reply` is what a service said of it, where one was asked, and `pages` the PDF it was sent
    when the file is a picture.
    """

    path: Path
    name: str
    content_type: str
    reply: Path | None = None
    pages: Path | None = None


@dataclass(frozen=True, slots=True)
class PageRange:
    """The pages a part is made of, 1-based and inclusive."""

    part: int
    first_page: int
    last_page: int


@dataclass(frozen=True, slots=True)
class Manner:
    """How a collection has its documents read.

    Args:
        chunk_tokens: Aimed size of a chunk, in tokens.
        parser: Which one reads them.
        ocr_languages: What is written in pictures, in Tesseract's names; none means all installed.
    """

    chunk_tokens: int
    parser: Parser = "builtin"
    ocr_languages: tuple[str, ...] = ()


def inspect(source: Source) -> dict[str, object]:
    """Return the format, and for a PDF its `pages` and whether it is `scanned`."""
    form, _ = reader_for(source.path, source.name, source.content_type)
    if form != PDF:
        return {"format": form, "pages": 0, "scanned": False}
    from functions.parse.readers import pdf_document

    facts = pdf_document.inspect(source.path)
    return {"format": form, "pages": facts.pages, "scanned": facts.scanned}


def prepare(source: Source, folder: Path, pages: PageRange | None) -> dict[str, str]:
    """Write what a service is sent into `folder`: these pages of a PDF, or a picture as a PDF.

    Returns:
        The `file` in the folder, "" when the source itself can be sent.
    """
    from functions.parse.readers import sending

    into = folder / SENT_FILE
    if pages is None:
        sending.write_picture(source.path, into)
    elif not sending.write_pages(source.path, into, pages.first_page, pages.last_page):
        return {"file": ""}
    return {"file": into.name}


def parse_range(
    source: Source, target: Target, pages: PageRange, manner: Manner
) -> list[dict[str, object]]:
    """Write the part of a PDF that `pages` are; return it as a list of one."""
    from functions.parse.readers import pdf

    chunker = Chunker(
        chunk_tokens=manner.chunk_tokens,
        headings=pdf.headings_at(source.path, pages.first_page),
    )
    read = _reader(source, manner)
    writer = PartWriter(target, pages.part)
    with reading_in(manner.ocr_languages):
        for page in read(source.path, first_page=pages.first_page, last_page=pages.last_page):
            whole, drafts = chunker.chunk(page)
            writer.pages.append(whole)
            for draft in drafts:
                writer.add(draft)
    return [writer.write(pages.first_page, pages.last_page)]


def parse_whole(
    source: Source, target: Target, chunks_per_part: int, manner: Manner
) -> list[dict[str, object]]:
    """Write every part of a document without page ranges."""
    read = _reader(source, manner)
    chunker = Chunker(chunk_tokens=manner.chunk_tokens)
    with reading_in(manner.ocr_languages):
        pages = read(source.path, first_page=1, last_page=None)
        chunked = (chunker.chunk(page) for page in pages)
        return list(write_parts(chunked, target, chunks_per_part=chunks_per_part))


def unpack(source: Source, folder: Path) -> list[dict[str, str]]:
    """Write the files inside the file into `folder`; return their names there and within."""
    members = members_reader_for(source.path, source.name, source.content_type)
    if members is None:
        return []
    return [
        {"path": member.path, "file": member.file.name, "problem": member.problem}
        for member in members(source.path, folder)
    ]


def _reader(source: Source, manner: Manner) -> Reader:
    answer = None
    if source.reply is not None:
        from functions.parse.readers.replies.reading import Answer

        answer = Answer(source.reply, source.pages)
    return reader_for(
        source.path, source.name, source.content_type, parser=manner.parser, answer=answer
    )[1]
