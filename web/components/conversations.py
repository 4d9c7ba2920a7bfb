"""The list of conversations as one element: two widgets a row would cost a page its budget."""

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

from web.components.registering import registered

LABELS = ("menu", "rename", "pin", "unpin", "delete", "undo", "more")


class Row(TypedDict):
    """One conversation."""

    id: str
    title: str
    pinned: bool


class RowGroup(TypedDict):
    """Conversations under a heading."""

    label: str
    rows: Sequence[Row]


class Undo(TypedDict):
    """A deletion that can be taken back for so long."""

    id: str
    text: str
    milliseconds: int


class ConversationsData(TypedDict):
    """What the list shows; `more` says that there are further ones."""

    groups: Sequence[RowGroup]
    active: str
    undo: Undo | None
    more: bool
    empty: str
    labels: dict[str, str]


def conversation_rows(data: ConversationsData, *, key: str, on_act: Callable[[], None]) -> Any:
    """Show the list.

    `on_act` finds in `st.session_state[key].act` the `kind` (open, rename, pin, unpin, delete,
    undo, more), the `id` and, for a new name, the `title`.
    """
    return registered("conversations", '<nav class="list"></nav>')(
        key=key, data=data, on_act_change=on_act
    )
