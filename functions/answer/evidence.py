"""What an answer may rest on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lectern.api import Passage


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worked out on the way: `text` cites passages by their numbers, or is computed.

    `outside` says that it came from a tool outside Lectern: no passage vouches for it.
    """

    label: str
    text: str
    outside: bool = False


@dataclass(slots=True)
class Evidence:
    """What an answer may rest on. Markers number the passages in this order, from 1."""

    passages: list[Passage] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)

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


def interleaved(lists: Sequence[Sequence[Passage]]) -> list[Passage]:
    """Return the first of every list, then the second of every list, and so on."""
    longest = max(map(len, lists), default=0)
    return [found[rank] for rank in range(longest) for found in lists if rank < len(found)]
