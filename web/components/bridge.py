"""The bridge from citation links in Markdown to Python.

Mount it inside the fragment that shows the source: a click then reruns that fragment only. (Mounted
in the page itself, a rerun would end the timers of every other fragment, hence a live answer.)
"""

from collections.abc import Callable
from typing import Any

from web.components.registering import registered


def citation_bridge(*, key: str, on_cite: Callable[[], None]) -> Any:
    """Mount the bridge.

    `on_cite` finds in `st.session_state[key].cite` the `message`, the passage's `number`, the index
    of the `citation` or None, and the window's `width` in CSS pixels.
    """
    html = '<div class="card" role="tooltip"><div class="place"></div><p class="quote"></p></div>'
    return registered("cite", html)(key=key, on_cite_change=on_cite)
