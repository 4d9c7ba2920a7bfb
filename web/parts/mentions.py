"""`@name` in a question: a document that is meant."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lectern.api import DocumentReply

_MENTION = re.compile(r'(?<!\S)@(?:"([^"\n]{1,200})"|([^\s@"]{2,200}))')
_TRAILING = ".,;:!?)]}"
MOST = 5

FindDocuments = Callable[[str], Sequence[DocumentReply]]
"""Returns documents whose name contains a text."""


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A question without the signs, the documents it names, and the names nobody has."""

    question: str
    documents: Sequence[DocumentReply] = ()
    unknown: Sequence[str] = ()


def resolve(question: str, find: FindDocuments) -> Mentioned:
    """Return which documents `@name` and `@"longer name"` mean, at most five.

    A name is a document's whole name, or the beginning or a part of exactly one.
    """
    documents: dict[str, DocumentReply] = {}
    unknown: list[str] = []

    def without_sign(match: re.Match[str]) -> str:
        name = match[1] or match[2].rstrip(_TRAILING)
        if len(documents) + len(unknown) >= MOST:
            return match[0]
        found = _meant(name, find(name))
        if found is None:
            unknown.append(name)
            return match[0]
        documents[found.document_id] = found
        rest = "" if match[1] else match[2][len(name) :]
        return found.name + rest

    text = _MENTION.sub(without_sign, question)
    return Mentioned(text, tuple(documents.values()), tuple(unknown))


def _meant(name: str, found: Sequence[DocumentReply]) -> DocumentReply | None:
    wanted = name.casefold()
    for fits in (
        lambda other: other == wanted,
        lambda other: other.startswith(wanted),
        lambda other: wanted in other,
    ):
        fitting = [each for each in found if fits(each.name.casefold())]
        if len(fitting) == 1:
            return fitting[0]
    return None
