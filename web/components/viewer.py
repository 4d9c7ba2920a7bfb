"""The page viewer: pictures of pages with exact boxes over them, and their text to select.

What the browser gets (`ViewerData`), and the routes it calls for bytes:

- `document`, `revision`, `title`; `page_count` (0: pages cannot be painted, then every highlight
  carries its passage as text);
- `highlights`: `[{number, page, boxes: [[x0, y0, x1, y1], …]}]` in points, origin at the top left;
  for documents without pages `{number, page, boxes: [], text, start, end, heading}`, offsets in
  code points;
- an `id` on a highlight ties it to the card of that id (see passages.py): what is pointed at on one
  side is shown on the other, in the browser alone, with the window's event `lectern:pointed`;
- `active`: index into `highlights` or None; `nonce`: a new value scrolls to the active one;
- `labels`: see `LABELS`; `original_url`: where the file itself is, or ""; `tall`: as high as the
  window allows where no input stands below.

- `GET /api/pages/{document}/{n}.png?w=<pixels>&r=<revision>`: the picture of page n (1-based);
- `GET /api/pages/{document}/{n}/words?r=<revision>`: `{"width", "height", "words": [[x0, y0, x1,
  y1, text, block, line], …]}` in points: the page's size comes with its words, so that no list of
  400 sizes is needed before the first page shows.

Trigger `pick`: `{"index", "at"}`, the highlight that was clicked or walked to.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from web.components.registering import registered

LABELS = (
    "previous", "next", "page", "zoom_in", "zoom_out", "previous_citation", "next_citation",
    "citation", "original", "page_failed", "try_again",
)  # fmt: skip


class Highlight(TypedDict, total=False):
    """A cited place; `text`, `start`, `end` and `heading` only without page pictures.

    A `quiet` one has an outline alone: what can be chosen rather than what was cited.
    """

    id: str
    number: int
    page: int
    boxes: Sequence[Sequence[float]]
    text: str
    start: int
    end: int
    heading: str
    quiet: bool


class ViewerData(TypedDict):
    """What the viewer shows; see the module."""

    document: str
    revision: int
    title: str
    page_count: int
    highlights: Sequence[Highlight]
    active: int | None
    nonce: str
    labels: dict[str, str]
    original_url: str
    tall: NotRequired[bool]


def viewer(
    data: ViewerData,
    *,
    key: str,
    on_pick: Callable[[], None],
    height: Literal["content", "stretch"] = "content",
) -> Any:
    """Show the viewer. `on_pick` finds the picked index in `st.session_state[key].pick`."""
    return registered("viewer", '<div class="viewer"></div>')(
        key=key, data=data, height=height, on_pick_change=on_pick
    )
