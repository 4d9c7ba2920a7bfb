"""Questions that may come next: only such as the passages answer, none rather than bad ones.

With a chat model they come behind the answer in the same reply; without, they ask about sections
that were found beside the quoted ones.
"""

# ruff: noqa: RUF001 - full-width punctuation is meant

import re
from collections.abc import Iterable, Iterator, Sequence

from functions.answer.language import ABOUT_SECTION, Language
from functions.answer.relevance import shared
from functions.answer.vocabulary import telling_terms
from lectern.api import Citation, Passage

MOST = 3
_SHORTEST, _LONGEST = 8, 160  # code points of a question
_LONGEST_HEADING = 70
_FEWEST_TERMS = 2  # "Introduction" says too little to ask about
_ANSWERED_FROM = 0.6  # share of a question's telling terms that one passage holds
_SAME_FROM = 0.8  # share of its terms that an earlier question has
_LEAST_RELEVANCE = 0.25
_NUMBERING = re.compile(
    r"^\s*(?:[-*•–>]+|\(?(?:\d+(?:\.\d+)*|[a-zA-Z]|[ivxIVX]+)[.):](?=\s)|\d+(?:\.\d+)+(?=\s)|"
    r"(?:chapter|section|part|appendix|article)\s+[\dA-Z.]+[.:]?|제\s*\d+\s*[장절조항])\s*",
    re.IGNORECASE,
)
_DECORATION = re.compile(r"\[\d+\]|[*_`#<>|\\\[\]]")
_ADDRESS = re.compile(r"https?:|www\.|\w@\w", re.IGNORECASE)
_QUESTION_END = re.compile(r"[?？]$")


def written_by_model(lines: Iterable[str], question: str, passages: Sequence[Passage]) -> list[str]:
    """Return which of the `lines` a model wrote behind its answer are fit to be asked.

    Args:
        lines: One question each, perhaps with a bullet.
        question: What was asked.
        passages: What the model was given.
    """
    cleaned = (_cleaned(line) for line in lines)
    asking = ((each, each) for each in cleaned if _QUESTION_END.search(each))
    return _chosen(asking, question, passages)


def about_sections(
    question: str,
    passages: Sequence[Passage],
    citations: Sequence[Citation],
    language: Language,
) -> list[str]:
    """Return questions about sections that were found and not quoted; those of quoted documents.

    Args:
        question: What was asked.
        passages: What was found, most relevant first.
        citations: What was quoted.
        language: What the reader reads.
    """
    quoted = {citation.chunk_id for citation in citations}
    documents = {citation.document_id for citation in citations}
    told = {passage.heading_path[-1] for passage in passages if _is_quoted(passage, quoted)}
    near = (
        passage
        for passage in passages
        if passage.document_id in documents
        and passage.relevance >= _LEAST_RELEVANCE
        and passage.heading_path
        and passage.heading_path[-1] not in told
    )
    return _chosen(_asked_about(near, language), question, passages)


def _is_quoted(passage: Passage, quoted: set[str]) -> bool:
    return bool(passage.heading_path) and passage.chunk_id in quoted


def _asked_about(passages: Iterable[Passage], language: Language) -> Iterator[tuple[str, str]]:
    """Yield a question for each section, with the section's heading."""
    for passage in passages:
        heading = _cleaned(passage.heading_path[-1])
        if len(heading) > _LONGEST_HEADING or len(telling_terms(heading)) < _FEWEST_TERMS:
            continue
        if _QUESTION_END.search(heading):
            yield heading, heading
        else:
            section = heading.rstrip(" .:;,。：；")
            yield ABOUT_SECTION[language].format(section=section), section


def _chosen(
    found: Iterable[tuple[str, str]], question: str, passages: Sequence[Passage]
) -> list[str]:
    """Return the first few questions of `found` that the passages answer and nobody asked yet.

    Each comes with what it is about in the words of the documents: itself, or a heading.
    """
    asked = [set(telling_terms(question))]
    chosen: list[str] = []
    for each, about in found:
        terms = set(telling_terms(about))
        if len(chosen) == MOST:
            break
        if not _SHORTEST <= len(each) <= _LONGEST or len(terms) < _FEWEST_TERMS:
            continue
        if _ADDRESS.search(each) or any(_same(terms, other) for other in asked):
            continue
        if max((shared(sorted(terms), p) for p in passages), default=0.0) >= _ANSWERED_FROM:
            asked.append(terms)
            chosen.append(each)
    return chosen


def _same(terms: set[str], other: set[str]) -> bool:
    """Return whether a question says hardly more than another one."""
    shares = len(terms & other)
    hardly_more = len(terms - other) == 1 and shares >= _FEWEST_TERMS
    return hardly_more or shares >= _SAME_FROM * len(terms)


def _cleaned(text: str) -> str:
    text = _DECORATION.sub("", _NUMBERING.sub("", text, count=1))
    return " ".join(text.split()).strip(" \"'“”‘’")
