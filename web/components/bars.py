"""How a duration is made up: one stacked bar with its legend."""

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

from web.components.registering import registered


class Part(TypedDict):
    """A part of the whole; `value` in milliseconds, `text` as people read it."""

    label: str
    text: str
    value: float
    tone: Literal["blue", "violet", "orange", "green", "yellow", "gray"]


def bars(items: Sequence[Part], *, key: str, label: str, total: str) -> Any:
    """Show the parts of a whole, in order."""
    data = {"label": label, "total": total, "items": list(items)}
    return registered("bars", '<div class="bars"></div>')(key=key, data=data)
