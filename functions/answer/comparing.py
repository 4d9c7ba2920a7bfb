"""Two answers to one question: what changed in their passages and in their words."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from lectern.api import Passage, PassageChange, TextChange

_WORD = re.compile(r"[぀-ヿ㐀-鿿]|\w+|\s+|.", re.DOTALL)
_SENTENCE = re.compile(r".+?(?:[.!?。！？]\s+|\n+|\Z)", re.DOTALL)  # noqa: RUF001 - meant
_MOST_WORDS = 3000  # of an answer compared word by word; longer ones, by sentences


def passage_changes(then: Sequence[Passage], now: Sequence[Passage]) -> list[PassageChange]:
    """Return what became of each passage, in the order of `now`, then what is gone.

    A passage is the same if it is the same chunk with the same text. It is revised if its document
    now answers with another chunk of the same page or of another revision.
    """
    left = dict(enumerate(then, start=1))
    pairs: list[tuple[int | None, int]] = []
    for number, passage in enumerate(now, start=1):
        before = next((n for n, old in left.items() if _same(old, passage)), None)
        if before is not None:
            del left[before]
        pairs.append((before, number))
    changes = []
    for known, number in pairs:
        passage = now[number - 1]
        before = known
        if before is None:
            before = next((n for n, old in left.items() if _revised(old, passage)), None)
            old = left.pop(before) if before is not None else None
            changes.append(_change("revised" if old else "new", old, before, passage, number))
        else:
            changes.append(_change("same", then[before - 1], before, passage, number))
    gone = [_change("gone", passage, number, None, None) for number, passage in left.items()]
    return [*changes, *gone]


def text_changes(then: str, now: str) -> list[TextChange]:
    """Return both texts as pieces: joined without the new ones `then`, without the gone `now`."""
    pieces = _WORD if max(len(then), len(now)) < _MOST_WORDS * 6 else _SENTENCE
    return list(_differences(pieces.findall(then), pieces.findall(now)))


def _differences(then: list[str], now: list[str]) -> Iterator[TextChange]:
    matcher = SequenceMatcher(None, then, now, autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            yield TextChange(change="same", text="".join(then[i:j]))
            continue
        if i < j:
            yield TextChange(change="gone", text="".join(then[i:j]))
        if k < m:
            yield TextChange(change="new", text="".join(now[k:m]))


def _same(old: Passage, new: Passage) -> bool:
    return (old.chunk_id, old.text) == (new.chunk_id, new.text)


def _revised(old: Passage, new: Passage) -> bool:
    if old.document_id != new.document_id or not old.document_id:
        return False
    return old.chunk_id == new.chunk_id or (
        old.revision != new.revision and old.page_number == new.page_number
    )


def _change(
    change: str,
    old: Passage | None,
    number_then: int | None,
    new: Passage | None,
    number_now: int | None,
) -> PassageChange:
    shown = new or old
    assert shown is not None, "one of the two is there"  # noqa: S101
    return PassageChange.model_validate(
        {
            "change": change,
            "document_id": shown.document_id,
            "document_name": shown.document_name,
            "page_number": shown.page_number,
            "number_then": number_then,
            "number_now": number_now,
            "revision_then": old and old.revision,
            "revision_now": new and new.revision,
        }
    )
