"""Stored answers, for a reader who may have lost the right to what they rest on."""

import re
import unicodedata
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any

from lectern.api import AnswerReply, Citation, Passage

_BAR = "\u2588"
_MARKER = re.compile(r"\[\d+\]")
_NO_IDS = dict.fromkeys(("chunk_id", "collection_id", "document_id", "document_name"), "")


def withheld(
    reply: AnswerReply, readable: AbstractSet[str], *, gone: AbstractSet[str] = frozenset()
) -> tuple[AnswerReply, int]:
    """Return an answer without what the reader may not read, and how many passages that were.

    Passages and citations from other collections lose their words, names, ids and boxes but keep
    their places, so that numbers still fit. Of what the answer says, only sentences that rest on
    readable passages alone stay: nobody knows what else an uncited or unfinished sentence tells.
    The rest, and the lost documents' names, become bars, letter by letter: offsets still fit, too.

    Args:
        reply: The answer as it was given.
        readable: Ids of the collections that the reader may read now.
        gone: Ids of documents that nobody is to read any more, wherever they were.
    """

    def is_lost(each: Passage | Citation) -> bool:
        return each.collection_id not in readable or each.document_id in gone

    lost = [p for p in reply.passages if is_lost(p)]
    doubtful = [c for c in reply.citations if is_lost(c)]
    if not lost and not doubtful:
        return reply, 0
    names = {p.document_name for p in lost} | {c.document_name for c in doubtful}
    kept = reply.model_copy(
        update={
            "answer": _barred(reply, is_lost, names - {""}),
            "passages": [_blank_passage(p) if is_lost(p) else p for p in reply.passages],
            "citations": [_blank_citation(c) if is_lost(c) else c for c in reply.citations],
            "follow_ups": [],  # nobody knows which passages they were taken from
            "uncited": [],
            "reasoning": "",
            "title": "",
            "steps": [
                step.model_copy(update={"label": "", "result": "", "links": []})
                for step in reply.steps
            ],
        }
    )
    return kept, len(lost) or len(doubtful)


def _barred(
    reply: AnswerReply, is_lost: Callable[[Citation], bool], names: AbstractSet[str]
) -> str:
    text = reply.answer
    shown = [not reply.found] * len(text)  # that nothing was found are Lectern's own words
    for citation in sorted(reply.citations, key=is_lost):
        span = slice(citation.answer_start, citation.answer_end)
        shown[span] = [not is_lost(citation)] * len(shown[span])
    for name in names:
        for found in re.finditer(re.escape(name), text, re.IGNORECASE):
            shown[slice(*found.span())] = [False] * len(found[0])
    for marker in _MARKER.finditer(text):
        shown[slice(*marker.span())] = [True] * len(marker[0])
    return "".join(
        character if visible or _tells_nothing(character) else _BAR
        for character, visible in zip(text, shown, strict=True)
    )


def _tells_nothing(character: str) -> bool:
    """Return whether a character is space, punctuation, or Markdown's mark of quotes and tables."""
    return character in ">|" or unicodedata.category(character)[0] in "PZC"


def _blank_passage(passage: Passage) -> Passage:
    words: dict[str, Any] = {"text": "", "heading_path": [], "lines": [], "boxes": []}
    words |= {"figure_key": None, "char_start": 0, "char_end": 0}
    return passage.model_copy(update=_NO_IDS | words)


def _blank_citation(citation: Citation) -> Citation:
    words: dict[str, Any] = {"quote": "", "quote_start": 0, "quote_end": 0, "boxes": []}
    return citation.model_copy(update=_NO_IDS | words)
