"""Stored answers, for a reader who may have lost the right to what they rest on."""

import re
from typing import Any
from collections.abc import Set as AbstractSet

from lectern.api import AnswerReply, Citation, Passage

_BAR = "\u2588"
_NO_IDS = dict.fromkeys(("chunk_id", "collection_id", "document_id", "document_name"), "")


def withheld(reply: AnswerReply, readable: AbstractSet[str]) -> tuple[AnswerReply, int]:
    """Return an answer without what the reader may not read, and how many passages that were.

    Passages and citations from other collections lose their words, names, ids and boxes but keep
    their places, so that numbers still fit. What the answer says on their ground, and their
    documents' names wherever it has them, becomes bars of the same length: offsets still fit, too.

    Args:
        reply: The answer as it was given.
        readable: Ids of the collections that the reader may read now.
    """
    lost = [p for p in reply.passages if p.collection_id not in readable]
    doubtful = [c for c in reply.citations if c.collection_id not in readable]
    if not lost and not doubtful:
        return reply, 0
    answer = reply.answer
    for citation in doubtful:
        answer = _barred(answer, citation.answer_start, citation.answer_end)
    names = {p.document_name for p in lost} | {c.document_name for c in doubtful}
    for name in names - {""}:
        for found in re.finditer(re.escape(name), reply.answer, re.IGNORECASE):
            answer = _barred(answer, *found.span())
    kept = reply.model_copy(
        update={
            "answer": answer,
            "passages": [
                p if p.collection_id in readable else _blank_passage(p) for p in reply.passages
            ],
            "citations": [
                c if c.collection_id in readable else _blank_citation(c) for c in reply.citations
            ],
        }
    )
    return kept, len(lost) or len(doubtful)


def _barred(text: str, start: int, end: int) -> str:
    bars = "".join(c if c.isspace() else _BAR for c in text[start:end])
    return text[:start] + bars + text[end:]


def _blank_passage(passage: Passage) -> Passage:
    words: dict[str, Any] = {"text": "", "heading_path": [], "lines": [], "boxes": []}
    words |= {"figure_key": None, "char_start": 0, "char_end": 0}
    return passage.model_copy(update=_NO_IDS | words)


def _blank_citation(citation: Citation) -> Citation:
    words: dict[str, Any] = {"quote": "", "quote_start": 0, "quote_end": 0, "boxes": []}
    return citation.model_copy(update=_NO_IDS | words)
