"""Whether the first row of a table names its columns, as far as its words and type show it."""

import re
from collections.abc import Iterable, Sequence

_NUMBER = re.compile(r"[\W\d]*\d[\W\d]*")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_DIGIT = re.compile(r"\d")
_KEY = (":", "：")  # noqa: RUF001 - the full-width sign is meant


def names_columns(rows: Sequence[Sequence[str]], *, distinct: bool) -> bool:
    """Return whether the first row is a header.

    It is none when it has a number above numbers, or a key ("Name:") above keys. It is one when it
    is a title over all columns, is set in bold type above other type (`distinct`), has words or
    years above what has digits, or has nothing but words in three or more columns.
    """
    first, body = rows[0], rows[1:]
    if not body:
        return False
    columns = [
        (cell, below)
        for cell, *rest in zip(first, *body, strict=True)
        if cell and (below := [each for each in rest if each])
    ]
    filled = [cell for cell in first if cell]
    if any(_is_data(cell, below) for cell, below in columns):
        return False
    if distinct:
        return True
    if len(filled) == 1:
        return not _DIGIT.search(_YEAR.sub("", filled[0]))
    pairs = len(first) == 2  # noqa: PLR2004 - keys and values, perhaps
    if any(_is_above_digits(cell, below, all_of_them=pairs) for cell, below in columns):
        return True
    return not pairs and len(filled) >= len(first) - 1 and not any(map(_DIGIT.search, filled))


def _is_data(cell: str, below: Sequence[str]) -> bool:
    if cell.endswith(_KEY):
        return _most(each.endswith(_KEY) for each in below)
    if _YEAR.fullmatch(cell):
        return _most(_YEAR.fullmatch(each) is not None for each in below)
    if _NUMBER.fullmatch(cell):
        return _most(_NUMBER.fullmatch(each) is not None for each in below)
    return False


def _is_above_digits(cell: str, below: Sequence[str], *, all_of_them: bool) -> bool:
    if _DIGIT.search(cell) and not _YEAR.fullmatch(cell):
        return False
    found = [_DIGIT.search(each) is not None for each in below]
    return all(found) if all_of_them else _most(found)


def _most(found: Iterable[bool]) -> bool:
    known = list(found)
    return sum(known) * 2 > len(known)
