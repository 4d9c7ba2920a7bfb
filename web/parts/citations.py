r"""Citation links in Markdown, and Markdown that shows what was meant.

A marker `[3]` of an answer becomes `[3](#cite-<message>-3-<citation> "<place> — <quote>")`, which
stays native Markdown while it streams; `components/cite.js` makes cards and clicks of it. The link
ends in `u` where the citation could not be verified.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lectern.api import AnswerReply, Citation, Passage
from web.language import t

SEPARATOR = "\u2003—\u2003"
_UNBREAKABLE = "\u00a0"
_QUOTE_LENGTH = 240
_NAME_LENGTH = 80
_MOST_UNCITED = 3
_SPECIAL = re.compile(r"[\\`*_{}\[\]()<>#+\-.!|~$:^=&]")
_PIECES = re.compile(
    r"""
      (?P<code> ^[ ]{0,3}(?P<fence>`{3,}|~{3,}) .*? (?:^[ ]{0,3}(?P=fence)[`~]*[ ]*$ | \Z)
              | (?<!`)(?P<ticks>`+)(?!`) .+? (?<!`)(?P=ticks)(?!`) )
    | (?P<math> \$\$ [^$]+ \$\$ | \$(?=[^\s$]) [^$\n]*[\\^_={}][^$\n]* (?<=\S)\$(?!\d) )
    | (?P<escaped> \\. )
    | (?P<dollar> \$ )
    | (?P<blank> (?: (?<=\w) | (?<=[^\W\d_][.,;:!?)]) ) [ ] )?  # behind a word, not a list's sign
      \[(?P<number>\d{1,3})\](?![(\[])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a document that an answer points to.

    `citation` is an index into the answer's citations, None where a passage as a whole is meant.
    """

    number: int
    page_number: int
    quote: str
    relevance: float
    citation: int | None = None
    supported: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """A document with the places an answer points to, in the order of their numbers."""

    document_id: str
    document_name: str
    places: Sequence[Place]


def linked(
    text: str, message_id: str, citations: Sequence[Citation], passages: Sequence[Passage]
) -> str:
    """Return an answer's Markdown with its markers as links and lone dollar signs as such.

    A marker belongs to the last citation of its number that begins before it; before citations
    are verified, it points to its passage. Numbers that no passage has, and code, stay as they are.
    """

    def shown(match: re.Match[str]) -> str:
        if match["dollar"]:
            return r"\$"
        if match["number"] is None:
            return match[0]
        marker = match.start("number") - 1
        place = _place_at(int(match["number"]), marker, citations, passages)
        if place is None:
            return match[0]
        # A number alone at the beginning of a line says nothing: it stays with the word before it.
        return (_UNBREAKABLE if match["blank"] else "") + link(message_id, place, passages)

    return _PIECES.sub(shown, text)


def link(
    message_id: str, place: Place, passages: Sequence[Passage], label: str | None = None
) -> str:
    """Return the Markdown link to a place; its label is the passage's number by default."""
    address = f"#cite-{message_id}-{place.number}"
    if place.citation is not None:
        address += f"-{place.citation}" + ("" if place.supported else "u")
    passage = passages[place.number - 1]
    title = f"{_shortened(passage.document_name, _NAME_LENGTH)} · {page_text(place.page_number)}"
    if passage.kind == "description":
        title += f" · {t('library.kind_description')}"
    title += SEPARATOR + _shortened(place.quote, _QUOTE_LENGTH)
    return f'[{place.number if label is None else label}]({address} "{_titled(title)}")'


def sources(reply: AnswerReply) -> list[Source]:
    """Return what an answer cites by document; the best that was found, when it cites nothing."""
    places = list(_cited(reply)) or [
        _of_passage(number, passage)
        for number, passage in enumerate(reply.passages[:_MOST_UNCITED], 1)
    ]
    by_document: dict[str, list[Place]] = {}
    for place in sorted(places, key=lambda each: each.number):
        document_id = reply.passages[place.number - 1].document_id
        by_document.setdefault(document_id, []).append(place)
    return [
        Source(document_id, reply.passages[places[0].number - 1].document_name, tuple(places))
        for document_id, places in by_document.items()
    ]


def plain(text: str) -> str:
    """Return text that Markdown leaves as it is: names of documents, titles, errors."""
    return _SPECIAL.sub(lambda match: "\\" + match[0], " ".join(text.split()))


def plain_lines(text: str) -> str:
    """Return text that Markdown leaves as it is, with its line breaks: questions."""
    return "  \n".join(plain(line) or "\u00a0" for line in text.strip().splitlines())


def page_text(number: int) -> str:
    """Return where a page is, in the reader's language."""
    return t("chat.map_pages", pages=number)


def with_sources(reply: AnswerReply, heading: str) -> str:
    """Return an answer as plain text to copy, with the list of its sources.

    Args:
        reply: The answer.
        heading: What stands above the sources.
    """
    lines = [
        f"[{place.number}] {source.document_name}, {page_text(place.page_number)}"
        for source in sources(reply)
        for place in _one_each(source.places)
    ]
    if not (lines and reply.citations):
        return reply.answer
    return "\n".join([reply.answer, "", heading, *lines])


def _cited(reply: AnswerReply) -> Iterator[Place]:
    """Yield one place for each number: its first citation that is supported, else its first."""
    seen: set[int] = set()
    ordered = sorted(enumerate(reply.citations), key=lambda each: not each[1].supported)
    for index, citation in ordered:
        if citation.number not in seen and citation.number <= len(reply.passages):
            seen.add(citation.number)
            yield _of_citation(index, citation, reply.passages)


def _one_each(places: Sequence[Place]) -> list[Place]:
    return list({place.number: place for place in places}.values())


def _place_at(
    number: int, position: int, citations: Sequence[Citation], passages: Sequence[Passage]
) -> Place | None:
    if not 1 <= number <= len(passages):
        return None
    of_number = [(i, each) for i, each in enumerate(citations) if each.number == number]
    before = [found for found in of_number if found[1].answer_start <= position]
    if not of_number:
        return _of_passage(number, passages[number - 1])
    index, citation = before[-1] if before else of_number[0]
    return _of_citation(index, citation, passages)


def _of_citation(index: int, citation: Citation, passages: Sequence[Passage]) -> Place:
    return Place(
        citation.number,
        citation.page_number,
        citation.quote,
        passages[citation.number - 1].relevance,
        index,
        citation.supported,
    )


def _of_passage(number: int, passage: Passage) -> Place:
    return Place(number, passage.page_number, passage.text, passage.relevance)


def _shortened(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _titled(text: str) -> str:
    """Return text for a link's title, where only these characters mean something."""
    return re.sub(r'[\\"&$<>`\[\]*_~|:]', lambda match: f"&#{ord(match[0])};", text)
