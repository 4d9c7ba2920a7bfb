"""What stands on a branch: one short line of plain text, whatever it was taken from."""

import unicodedata

LONGEST = 120  # code points


def short_title(text: str) -> str:
    """Return `text` on one line without control characters, cut at a word where it is too long."""
    visible = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)
    line = " ".join(visible[: LONGEST * 8].split())
    if len(line) <= LONGEST:
        return line or "…"
    cut = line[: LONGEST - 1]
    head = cut.rpartition(" ")[0]
    return (head if len(head) > LONGEST // 2 else cut).rstrip() + "…"
