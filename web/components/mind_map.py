"""A mind map as a list of lists, to be unfolded and followed.

What the browser gets: `map`, an id that keeps what is unfolded as long as it stays; `label`;
`labels` (see `LABELS`); `nodes`, the branches (see `Node`).

Triggers: `open` {"id", "width"} for a branch whose page is wanted, with the window's width in CSS
pixels, and `ask` {"id"} for one to be explained.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

from web.components.registering import registered

LABELS = ("unfold", "fold", "unfold_all", "fold_all")


class Node(TypedDict):
    """A branch; `id` is its way from the root, `pages` where it stands, `ask` the words for asking.

    `ask` is "" while nothing can be asked.
    """

    id: str
    title: str
    pages: str
    ask: str
    children: Sequence["Node"]


def mind_map(
    nodes: Sequence[Node],
    *,
    key: str,
    map_id: str,
    label: str,
    labels: dict[str, str],
    on_open: Callable[[], None],
    on_ask: Callable[[], None],
) -> Any:
    """Show the branches. The callbacks find `open` and `ask` in `st.session_state[key]`."""
    data = {"map": map_id, "label": label, "labels": labels, "nodes": list(nodes)}
    return registered("mind_map", '<section class="map"></section>')(
        key=key, data=data, on_open_change=on_open, on_ask_change=on_ask
    )
