"""What an answer may rest on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lectern.api import OutsideSource, Passage


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worked out on the way: `text` cites passages by their numbers, or is computed.

    What was found outside of the documents has a `marker`, such as W1, and the `origin` it is from.
    """

    label: str
    text: str
    marker: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Outside:
    """Something found outside of the documents; `url` is "" for what a tool said."""

    tool: str
    title: str
    text: str
    url: str = ""

    @property
    def origin(self) -> str:
        """Where it is from, in few words for a model."""
        return f"the web, {urlsplit(self.url).hostname}" if self.url else f"the tool {self.title}"


@dataclass(slots=True)
class Evidence:
    """What an answer may rest on. Markers number the passages in this order, from 1."""

    passages: list[Passage] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    sources: list[OutsideSource] = field(default_factory=list)

    def add(self, passages: Iterable[Passage]) -> list[int]:
        """Take passages in that are not here yet; return the numbers of all given."""
        numbers = []
        known = {passage.chunk_id: n for n, passage in enumerate(self.passages, start=1)}
        for passage in passages:
            if passage.chunk_id not in known:
                self.passages.append(passage)
                known[passage.chunk_id] = len(self.passages)
            numbers.append(known[passage.chunk_id])
        return numbers

    def add_outside(self, found: Iterable[Outside]) -> list[OutsideSource]:
        """Take findings from outside in; return them all with their markers.

        A page that another search found already keeps its marker and its first words.
        """
        sources = []
        pages = {source.url: source for source in self.sources if source.url}
        for each in found:
            source = pages.get(each.url)
            if source is None:
                letter = "W" if each.url else "T"
                count = sum(known.marker.startswith(letter) for known in self.sources)
                source = OutsideSource(
                    marker=f"{letter}{count + 1}", tool=each.tool, title=each.title, url=each.url
                )
                self.sources.append(source)
                if each.url:
                    pages[each.url] = source
                self.findings.append(Finding(each.title, each.text, source.marker, each.origin))
            sources.append(source)
        return sources


def interleaved(lists: Sequence[Sequence[Passage]]) -> list[Passage]:
    """Return the first of every list, then the second of every list, and so on."""
    longest = max(map(len, lists), default=0)
    return [found[rank] for rank in range(longest) for found in lists if rank < len(found)]
