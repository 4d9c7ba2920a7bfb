"""Found passages that follow each other in a document, as one: a model reads them as a whole."""

from collections.abc import Sequence
from itertools import pairwise

from lectern.api import Passage, PassageLine


def merged(passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages with neighbouring chunks joined, in the order of the best of each.

    Joined are chunks of text that follow each other in one part, on the same page and under the
    same heading; the passage has the id of the most relevant one. `lines` point into the joined
    text. What two chunks share is kept once.
    """
    runs: list[list[Passage]] = []
    for passage in passages:
        run = [passage]
        for other in [each for each in runs if _touch(each, run)]:
            runs.remove(other)
            run = sorted([*other, *run], key=_ordinal)
        runs.append(run)
    rank = {passage.chunk_id: n for n, passage in enumerate(passages)}
    runs.sort(key=lambda run: min(rank[each.chunk_id] for each in run))
    return [_joined(run, rank) for run in runs]


def _touch(one: Sequence[Passage], other: Sequence[Passage]) -> bool:
    first, second = sorted((one, other), key=lambda run: _ordinal(run[0]))
    return _follows(first[-1], second[0])


def _follows(before: Passage, after: Passage) -> bool:
    """Return whether `after` is the chunk behind `before`, in the same place of the document."""
    if before.kind != "text" or after.kind != "text" or not before.chunk_id:
        return False
    place = (before.collection_id, _part(before), before.page_number, before.heading_path)
    if place != (after.collection_id, _part(after), after.page_number, after.heading_path):
        return False
    if _ordinal(after) != _ordinal(before) + 1:
        return False
    shared = _shared(before, after)
    return before.text[len(before.text) - shared :] == after.text[:shared]


def _joined(run: Sequence[Passage], rank: dict[str, int]) -> Passage:
    if len(run) == 1:
        return run[0]
    best = min(run, key=lambda each: rank[each.chunk_id])
    text, lines, boxes = run[0].text, list(run[0].lines), list(run[0].boxes)
    for before, after in pairwise(run):
        shared = _shared(before, after)
        if after.char_start > before.char_end:
            text += "\n"
        shift = len(text) - shared
        lines += [_moved(line, shift, len(text)) for line in after.lines if line.end > shared]
        boxes += [box for box in after.boxes if box not in boxes]
        text += after.text[shared:]
    signals = {name for each in run for name in each.relevances}
    return best.model_copy(
        update={
            "text": text,
            "lines": lines,
            "boxes": boxes,
            "char_start": run[0].char_start,
            "char_end": run[-1].char_end,
            "relevance": max(each.relevance for each in run),
            "relevances": {
                name: max(each.relevances.get(name, 0.0) for each in run)
                for name in sorted(signals)
            },
        }
    )


def _shared(before: Passage, after: Passage) -> int:
    """Return how many characters at the end of `before` begin `after` as well."""
    return min(max(0, before.char_end - after.char_start), len(before.text), len(after.text))


def _moved(line: PassageLine, shift: int, not_before: int) -> PassageLine:
    start = max(line.start + shift, not_before)
    return line.model_copy(update={"start": start, "end": line.end + shift})


def _part(passage: Passage) -> str:
    """Return the id without the ordinal: document, revision and part."""
    return passage.chunk_id.rpartition(".")[0]


def _ordinal(passage: Passage) -> int:
    ordinal = passage.chunk_id.rpartition(".")[2]
    return int(ordinal) if ordinal.isdecimal() else -1
