"""Passages as cards: the chunks of a document, or what a search found.

What the browser gets: `label`; `items` (see `Card`); `active`, the id of the chosen card or "";
`seen`, a new value to scroll it into view; `scrolls`, whether the list has a height of its own;
`more`, the words of the button that asks for further cards, or ""; `labels` (see `LABELS`).

Pointing at a card, with the pointer or the focus, shows its boxes in the page viewer and the other
way round; see viewer.py.

Triggers: `open` {"id", "wide"} (whether the window has room for two columns) and `more`.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypedDict

from web.components.registering import registered

LABELS = ("show_all", "show_less", "figure_lost")

Run = tuple[str, bool]
"""Text, and whether it is highlighted."""


class Meter(TypedDict):
    """A small bar; `share` is 0..1."""

    label: str
    text: str
    share: float
    tone: Literal["vector", "text", "rerank", ""]


class Block(TypedDict, total=False):
    """A paragraph (`runs`), or a table: `header` and `rows`, each a sequence of cells."""

    runs: Sequence[Run]
    header: Sequence[Sequence[Run]] | None
    rows: Sequence[Sequence[Sequence[Run]]]


class Card(TypedDict, total=False):
    """A passage; `figure` is the address of its picture."""

    id: str
    number: int
    source: str
    place: str
    kind: str
    headings: Sequence[str]
    blocks: Sequence[Block]
    figure: str
    figure_label: str
    relevance: Meter | None
    signals: Sequence[Meter]
    subjects: Sequence[str]


def passages(
    items: Sequence[Card],
    *,
    key: str,
    label: str,
    labels: dict[str, str],
    active: str = "",
    seen: str = "",
    scrolls: bool = False,
    more: str = "",
    on_open: Callable[[], None],
    on_more: Callable[[], None] = lambda: None,
) -> Any:
    """Show the cards. `on_open` finds `open` in `st.session_state[key]`."""
    data = {
        "label": label,
        "items": list(items),
        "active": active,
        "seen": seen,
        "scrolls": scrolls,
        "more": more,
        "labels": labels,
    }
    return registered("passages", '<section class="passages"></section>')(
        key=key, data=data, on_open_change=on_open, on_more_change=on_more
    )
