"""A search as the address of its page says it, and back: every setting in the query string.

`q` question, `c` collection, `d` document, `mode`, `k` passages, `near` neighbours, `rerank`,
`tag`, `kind`, `type`, `page` ("1-3,7"), `after` and `before` (dates), `meta` ("name=value").
What cannot be understood is left out, since anybody can write an address.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import get_args

from lectern.api import SearchFilters, SearchMode, SearchRequest
from lectern.documents import ChunkKind

MODES: tuple[SearchMode, ...] = get_args(SearchMode)
KINDS: tuple[ChunkKind, ...] = get_args(ChunkKind)
TOP_K = 8
TOP_K_MAX = 50
NEIGHBOURS_MAX = 3
_PAGES_MAX = 1000
_SPAN = re.compile(r"(\d{1,6})(?:\s*[-\u2013]\s*(\d{1,6}))?")
_QUERY_MAX = 8000


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as somebody put it together. Dates are whole days, UTC, both included."""

    query: str = ""
    collections: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    mode: SearchMode = "hybrid"
    top_k: int = TOP_K
    neighbours: int = 0
    rerank: bool = False
    tags: tuple[str, ...] = ()
    kinds: tuple[ChunkKind, ...] = ()
    content_types: tuple[str, ...] = ()
    pages: str = ""
    after: date | None = None
    before: date | None = None
    metadata: tuple[tuple[str, str], ...] = ()

    @property
    def filters(self) -> int:
        """How many filters narrow it down."""
        single = (self.pages, self.after, self.before)
        several = (self.tags, self.kinds, self.content_types, self.metadata, self.documents)
        return sum(bool(each) for each in single) + sum(bool(each) for each in several)

    def request(self) -> SearchRequest:
        """Return what is sent; the question must not be empty."""
        return SearchRequest(
            query=self.query.strip()[:_QUERY_MAX],
            collections=list(self.collections),
            documents=list(self.documents),
            mode=self.mode,
            top_k=self.top_k,
            rerank=self.rerank,
            neighbours=self.neighbours,
            filters=SearchFilters(
                tags=list(self.tags),
                kinds=list(self.kinds),
                page_numbers=page_numbers(self.pages),
                metadata=dict(self.metadata),
                content_types=list(self.content_types),
                uploaded_after=_midnight(self.after) if self.after else None,
                uploaded_before=_midnight(self.before + timedelta(days=1)) if self.before else None,
            ),
        )


def asked_of(params: Mapping[str, Sequence[str]]) -> Asked:
    """Return the search that an address asks for."""
    mode = _one(params, "mode")
    return Asked(
        query=_one(params, "q"),
        collections=tuple(params.get("c", ())),
        documents=tuple(params.get("d", ())),
        mode=next((each for each in MODES if each == mode), "hybrid"),
        top_k=_number(_one(params, "k"), 1, TOP_K_MAX, TOP_K),
        neighbours=_number(_one(params, "near"), 0, NEIGHBOURS_MAX, 0),
        rerank=_one(params, "rerank") == "1",
        tags=tuple(params.get("tag", ())),
        kinds=tuple(each for each in KINDS if each in params.get("kind", ())),
        content_types=tuple(params.get("type", ())),
        pages=pages_text(page_numbers(_one(params, "page"))),
        after=_date(_one(params, "after")),
        before=_date(_one(params, "before")),
        metadata=tuple(pairs_of(params.get("meta", ()))),
    )


def params_of(asked: Asked) -> dict[str, str | list[str]]:
    """Return the shortest query string that asks for the same: defaults are left out."""
    found: dict[str, str | list[str]] = {
        "q": asked.query.strip(),
        "c": list(asked.collections),
        "d": list(asked.documents),
        "mode": asked.mode if asked.mode != "hybrid" else "",
        "k": str(asked.top_k) if asked.top_k != TOP_K else "",
        "near": str(asked.neighbours) if asked.neighbours else "",
        "rerank": "1" if asked.rerank else "",
        "tag": list(asked.tags),
        "kind": list(asked.kinds),
        "type": list(asked.content_types),
        "page": pages_text(page_numbers(asked.pages)),
        "after": asked.after.isoformat() if asked.after else "",
        "before": asked.before.isoformat() if asked.before else "",
        "meta": [f"{name}={value}" for name, value in asked.metadata],
    }
    return {name: value for name, value in found.items() if value}


def page_numbers(text: str) -> list[int]:
    """Return the pages that a text such as "1-3, 7" names, in order, at most a thousand."""
    found: set[int] = set()
    for match in _SPAN.finditer(text):
        first = int(match[1])
        last = int(match[2] or first)
        found.update(range(max(first, 1), min(last, first + _PAGES_MAX) + 1))
    return sorted(found)[:_PAGES_MAX]


def pages_text(numbers: Sequence[int]) -> str:
    """Return pages as people write them: runs with a dash."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ", ".join("-".join(map(str, run)) for run in runs)


def pairs_of(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return metadata written as "name=value"; others are left out."""
    pairs = [text.partition("=") for text in texts]
    return [
        (name.strip(), value.strip()) for name, _, value in pairs if name.strip() and value.strip()
    ]


def _one(params: Mapping[str, Sequence[str]], name: str) -> str:
    values = params.get(name, ())
    return values[-1] if values else ""


def _number(text: str, least: int, most: int, default: int) -> int:
    return min(max(int(text), least), most) if text.isdecimal() and text.isascii() else default


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
