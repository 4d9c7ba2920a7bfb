"""Names of files inside files: only ever shown, never used as paths; no two alike."""

import re

from functions.parse.readers.cleaning import clean_line
from lectern.documents import safe_name


class DistinctNames:
    """Gives every file of one container a name of its own: "a.txt", "a (2).txt"."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def __call__(self, name: str) -> str:
        """Return `name`, numbered when it was given before."""
        stem, dot, extension = name.rpartition(".")
        if not stem or "/" in extension:
            stem, dot, extension = name, "", ""
        distinct, number = name, 1
        while distinct in self._taken:
            number += 1
            distinct = f"{stem} ({number}){dot}{extension}"
        self._taken.add(distinct)
        return distinct


def member_path(name: str) -> str:
    """Return a name from an archive as a relative path to show: no root, no "..", no controls."""
    pieces = [piece for piece in name.replace("\\", "/").split("/") if piece.strip(". ")]
    if pieces and re.fullmatch(r"[A-Za-z]:", pieces[0]):
        pieces = pieces[1:]
    return "/".join(safe_name(clean_line(piece)) for piece in pieces) or "unnamed"
