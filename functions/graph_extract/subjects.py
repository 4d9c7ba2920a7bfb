"""What the chunks of a part are about: titles, headings, defined terms, acronyms, recurring names.

No model is asked: the same chunks always give the same subjects, in milliseconds.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from functions.graph_extract.acronyms import acronyms
from functions.graph_extract.definitions import definitions
from functions.graph_extract.names import (
    clean_heading,
    clean_name,
    folded_name,
    without_leading_stop_words,
)
from lectern.documents import Chunk

Kind = Literal["title", "acronym", "term", "heading", "name"]

MOST_SUBJECTS = 200  # of one part
_MOST_NAMES = 60
_MOST_CHUNKS = 64  # listed for one subject
_FEWEST_OCCURRENCES = 3
_RANK: dict[Kind, int] = {"title": 0, "acronym": 1, "term": 2, "heading": 3, "name": 4}
_NAME = re.compile(
    r"(?<![\w.])[A-Z][\w'-]{1,30}(?:[ \n](?:(?:of|and|for|de|du|von|the) )?[A-Z][\w'-]{1,30}){0,5}"
)
_HANGUL_NAME = re.compile(
    r"(?<![가-힣])(?P<stem>[가-힣]{2,10}?)(?P<particle>[은는이가을를의에])(?![가-힣])"
)
_FEWEST_PARTICLES = 3  # a word that takes so many of them is a noun
_SENTENCE_START = re.compile(r"(?:^|[.!?:|•\n]\s*[\"“(]?)$")


@dataclass(frozen=True, slots=True)
class Subject:
    """A name and the chunks that are about it; `definition` is "" where the text gives none."""

    name: str
    kind: Kind
    definition: str = ""
    chunk_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class _Collected:
    name: str
    kind: Kind
    definition: str
    chunk_ids: dict[str, None] = field(default_factory=dict)


def subjects(chunks: Sequence[Chunk], *, document_name: str) -> list[Subject]:
    """Return the subjects of a part's chunks, at most `MOST_SUBJECTS`, one for each name.

    A name found in several ways is of the kind that ranks first and has its first definition.
    Titles come from part 1 alone. Equal input gives equal output in equal order.
    """
    found: dict[str, _Collected] = {}
    for subject in _all(chunks, document_name):
        entry = found.setdefault(
            folded_name(subject.name), _Collected(subject.name, subject.kind, subject.definition)
        )
        if _RANK[subject.kind] < _RANK[entry.kind]:
            entry.name, entry.kind = subject.name, subject.kind
            entry.definition = subject.definition or entry.definition
        entry.definition = entry.definition or subject.definition
        entry.chunk_ids.update(dict.fromkeys(subject.chunk_ids))
    ranked = sorted(found.values(), key=lambda entry: _RANK[entry.kind])[:MOST_SUBJECTS]
    return [
        Subject(entry.name, entry.kind, entry.definition, tuple(entry.chunk_ids)[:_MOST_CHUNKS])
        for entry in ranked
    ]


def _all(chunks: Sequence[Chunk], document_name: str) -> Iterator[Subject]:
    if chunks and chunks[0].part == 1:
        yield from _titles(chunks[0], document_name)
    for chunk in chunks:
        ids = (chunk.chunk_id,)
        for heading in chunk.heading_path:
            if name := clean_heading(heading):
                yield Subject(name, "heading", chunk_ids=ids)
        for definition in definitions(chunk.text):
            if name := clean_name(definition.term):
                yield Subject(name, "term", definition.text, ids)
        for acronym in acronyms(chunk.text):
            if name := clean_name(acronym.short):
                yield Subject(name, "acronym", acronym.long, ids)
            if long := clean_name(acronym.long):
                yield Subject(long, "term", acronym.short, ids)
    yield from _recurring(chunks)
    yield from _recurring_hangul(chunks)


def _titles(first: Chunk, document_name: str) -> Iterator[Subject]:
    stem = document_name.rsplit(".", 1)[0] if "." in document_name else document_name
    names = (stem.replace("_", " "), *first.heading_path[:1])
    for name in map(clean_heading, names):
        if name:
            yield Subject(name, "title", chunk_ids=(first.chunk_id,))


def _recurring(chunks: Iterable[Chunk]) -> Iterator[Subject]:
    """Yield capitalised names that occur again and again, the most frequent first.

    A single word counts only if it is capitalised in the middle of a sentence.
    """
    counts: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    where: dict[str, dict[str, None]] = {}
    inside: set[str] = set()
    for chunk in chunks:
        for match in _NAME.finditer(chunk.text):
            name = clean_name(without_leading_stop_words(match[0]))
            key = folded_name(name)
            if not name:
                continue
            counts[key] += 1
            spelled.setdefault(key, name)
            where.setdefault(key, {})[chunk.chunk_id] = None
            before = chunk.text[max(0, match.start() - 4) : match.start()]
            shortened = not match[0].startswith(name)
            if " " in key or shortened or not _SENTENCE_START.search(before):
                inside.add(key)
    frequent = [key for key, count in counts.items() if count >= _FEWEST_OCCURRENCES]
    frequent.sort(key=lambda key: (-counts[key], key))
    for key in [key for key in frequent if key in inside][:_MOST_NAMES]:
        yield Subject(spelled[key], "name", chunk_ids=tuple(where[key]))


def _recurring_hangul(chunks: Iterable[Chunk]) -> Iterator[Subject]:
    """Yield Korean nouns that recur, the most frequent first: known by the particles they take."""
    counts: Counter[str] = Counter()
    particles: dict[str, set[str]] = {}
    where: dict[str, dict[str, None]] = {}
    for chunk in chunks:
        for match in _HANGUL_NAME.finditer(chunk.text):
            stem = match["stem"]
            counts[stem] += 1
            particles.setdefault(stem, set()).add(match["particle"])
            where.setdefault(stem, {})[chunk.chunk_id] = None
    nouns = [stem for stem in counts if len(particles[stem]) >= _FEWEST_PARTICLES]
    nouns.sort(key=lambda stem: (-counts[stem], stem))
    for stem in nouns[:_MOST_NAMES]:
        if name := clean_name(stem):
            yield Subject(name, "name", chunk_ids=tuple(where[stem]))
