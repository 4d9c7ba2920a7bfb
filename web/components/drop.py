"""The dropzone: files from anywhere on the page go straight to the store, past this process.

What the browser gets: `tickets`, where to ask for the way of one file; `token`, what our own routes
want as `X-CSRF-Token`; `collection`, where files go, and `title`, its name; `labels` (see
`LABELS`); `problems`, the words for codes of errors (see `PROBLEMS`).

Triggers: `uploaded` {"documents": [id, …]}, once for several that finish together, and `link`
{"url"} when an address was pasted.
"""

from collections.abc import Callable
from typing import Any

from web.components.registering import registered

LABELS = (
    "drop", "choose_files", "choose_folder", "release", "reading", "unreadable", "skipped",
    "waiting", "confirming", "done", "duplicate", "duplicate_of", "keep_both", "retry",
    "retry_all", "dismiss", "dismiss_one", "cancel_one", "progress_of", "no_connection",
    "signed_out", "too_large", "refused",
)  # fmt: skip

PROBLEMS = (
    "bad_link", "busy", "catalog_unavailable", "forbidden", "internal", "link_expired",
    "link_used", "no_broker", "no_worker", "not_found", "not_uploaded", "rate_limited",
    "store_busy", "store_denied", "store_refused", "store_unavailable", "timeout", "unavailable",
    "unexpected_reply", "unreachable",
)  # fmt: skip

_ARROW = (
    '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7"'
    ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
    '<path d="M12 15V4m-4.5 4.5L12 4l4.5 4.5M4 15v4h16v-4"/></svg>'
)
_HTML = f"""
<div class="drop">
  <div class="place">
    {_ARROW}
    <span class="lead"></span>
    <button type="button" class="files"></button>
    <button type="button" class="folder"></button>
    <input class="some" type="file" multiple hidden>
    <input class="whole" type="file" webkitdirectory hidden>
  </div>
  <p class="said" role="status"></p>
  <ul class="list" hidden></ul>
  <div class="all" hidden>
    <button type="button" class="again"></button>
    <button type="button" class="clear"></button>
  </div>
  <div class="veil" popover="manual"><div>{_ARROW}<b></b></div></div>
</div>
"""


def drop(
    *,
    key: str,
    token: str,
    collection: str,
    title: str,
    labels: dict[str, str],
    problems: dict[str, str],
    on_uploaded: Callable[[], None],
    on_link: Callable[[], None],
) -> Any:
    """Show the dropzone. The callbacks find `uploaded` and `link` in `st.session_state[key]`."""
    data = {
        "tickets": "/api/uploads",
        "token": token,
        "collection": collection,
        "title": title,
        "labels": labels,
        "problems": problems,
    }
    return registered("drop", _HTML)(
        key=key, data=data, on_uploaded_change=on_uploaded, on_link_change=on_link
    )
