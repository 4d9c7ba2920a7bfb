"""Quotes into an answer: readable Markdown with markers, and the citations behind them."""

import re
from collections.abc import Sequence

from functions.answer.citations import MARKER
from functions.answer.events import Written
from functions.answer.extractive import Quote
from functions.answer.language import INTRODUCTION, NOT_FOUND, Language, language_of
from functions.answer.provenance import place_of
from lectern.api import Citation, Passage

_MARKDOWN = re.compile(r"[\\`*\[\]<~]")


def quoted_answer(
    question: str,
    passages: Sequence[Passage],
    quotes: Sequence[Quote],
    *,
    language: Language | None = None,
) -> Written:
    """Return the answer that consists of `quotes`, or says that the documents do not hold one.

    What Lectern itself says is in `language`, the question's unless given.
    """
    language = language or language_of(question)
    if not quotes:
        return Written(NOT_FOUND[language], "extractive", found=False)
    answer = INTRODUCTION[language]
    citations: list[Citation] = []
    for quote in quotes:
        passage = passages[quote.passage]
        answer += "\n\n> “"
        start = len(answer)
        answer += _readable(passage.text[quote.start : quote.end], table=passage.kind == "table")
        citations.append(
            citation_of(
                passage,
                number=quote.passage + 1,
                answer_span=(start, len(answer)),
                quote_span=(quote.start, quote.end),
                supported=True,
                support=quote.support,
            )
        )
        answer += f"” [{quote.passage + 1}]"
    return Written(answer, "extractive", found=True, citations=citations)


def listed_quotes(
    answer: str,
    citations: Sequence[Citation],
    passages: Sequence[Passage],
    language: Language,
) -> tuple[str, list[Citation]]:
    """Return what stands beneath a generated answer: each claim with the words it rests on.

    Args:
        answer: The answer as the model wrote it.
        citations: Its verified citations; those that are unsupported are left out.
        passages: What the citations number.
        language: What Lectern itself speaks.

    Returns:
        Text to stand behind `answer`, "" without a supported claim, and a citation for each item.
    """
    listed, added = "", []
    for citation in citations:
        if not citation.supported:
            continue
        passage = passages[citation.number - 1]
        claim = MARKER.sub("", answer[citation.answer_start : citation.answer_end])
        listed += "\n- " if listed else f"\n\n{INTRODUCTION[language]}\n\n- "
        start = len(answer) + len(listed)
        quote = _readable(citation.quote, table=passage.kind == "table")
        listed += f"{_readable(claim, table=False)} “{quote}”"
        span = (start, len(answer) + len(listed))
        added.append(citation.model_copy(update={"answer_start": span[0], "answer_end": span[1]}))
        listed += f" [{citation.number}]"
    return listed, added


def citation_of(
    passage: Passage,
    *,
    number: int,
    answer_span: tuple[int, int],
    quote_span: tuple[int, int],
    supported: bool,
    support: float,
) -> Citation:
    """Return the citation of `passage.text[start:end]`, with its place on the page."""
    start, end = quote_span
    page_number, boxes = place_of(passage, start, end)
    return Citation(
        number=number,
        answer_start=answer_span[0],
        answer_end=answer_span[1],
        chunk_id=passage.chunk_id,
        collection_id=passage.collection_id,
        document_id=passage.document_id,
        document_name=passage.document_name,
        revision=passage.revision,
        page_number=page_number,
        quote=passage.text[start:end],
        quote_start=start,
        quote_end=end,
        boxes=boxes,
        supported=supported,
        support=support,
    )


def _readable(quote: str, *, table: bool) -> str:
    """Return a quote on one line that Markdown shows as it is: no formatting, no link, no HTML.

    Cells of a table are parted by dots: outside of their table, bars mean nothing to a reader.
    """
    if table:
        cells = (cell.strip() for cell in quote.replace("\n", " | ").split("|"))
        quote = " · ".join(filter(None, cells))
    return as_plain_text(quote)


def as_plain_text(text: str) -> str:
    """Return `text` on one line that Markdown shows as it is."""
    return _MARKDOWN.sub(r"\\\g<0>", " ".join(text.split()))
