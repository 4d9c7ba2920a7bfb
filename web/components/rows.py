"""A list of things as one element: rows to select, open and act on.

What the browser gets: `label`; `items` (see `Row`); `bulk`, the actions offered for what is
selected ([] for a list without selection); `labels` (see `LABELS`).

Triggers: `open` {"id"} and `act` {"name", "ids"}. Selection lives in the browser.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypedDict

from web.components.registering import registered

LABELS = ("select", "select_all", "chosen", "more")

Tone = Literal["", "good", "bad", "busy"]


class Action(TypedDict, total=False):
    """Something to do: `first` stands beside the row, others in its menu; `ends` the selection."""

    name: str
    label: str
    danger: bool
    first: bool
    ends: bool


class Step(TypedDict):
    """A step on the way."""

    label: str
    state: Literal["done", "now", "todo", "failed"]


class Share(TypedDict):
    """How much of a known amount is done."""

    done: int
    whole: int
    label: str


class Note(TypedDict):
    """What went wrong, and what to do."""

    reason: str
    advice: str


class Row(TypedDict):
    """A row; `allows` names the bulk actions that it takes part in."""

    id: str
    href: str
    icon: str
    title: str
    details: Sequence[str]
    tags: Sequence[str]
    state: str
    tone: Tone
    steps: Sequence[Step]
    share: Share | None
    note: Note | None
    actions: Sequence[Action]
    allows: Sequence[str]


def rows(
    items: Sequence[Row],
    *,
    key: str,
    label: str,
    labels: dict[str, str],
    bulk: Sequence[Action] = (),
    on_open: Callable[[], None],
    on_act: Callable[[], None],
) -> Any:
    """Show the list. The callbacks find `open` and `act` in `st.session_state[key]`."""
    data = {"label": label, "items": list(items), "bulk": list(bulk), "labels": labels}
    return registered("rows", '<div class="rows"></div>')(
        key=key, data=data, on_open_change=on_open, on_act_change=on_act
    )
