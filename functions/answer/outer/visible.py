"""Text that leaves: only what a person can see in the step."""

import unicodedata
from typing import Any

_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Return `text` on one line without characters that nobody sees: they smuggle."""
    kept = (
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in _INVISIBLE
    )
    return " ".join("".join(kept).split())


def visible_values(value: Any) -> Any:
    """Return JSON in which every line of every text, also of the names of fields, is `visible`."""
    if isinstance(value, str):
        return "\n".join(map(visible, value.split("\n")))
    if isinstance(value, list):
        return [visible_values(each) for each in value]
    if isinstance(value, dict):
        return {visible(str(name)): visible_values(each) for name, each in value.items()}
    return value
