"""Components of our own: plain ES modules beside this file, registered once for each process."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_FOLDER = Path(__file__).parent


@cache
def registered(name: str, html: str) -> "ComponentRenderer":
    """Return the component made of `<name>.js` and `<name>.css`; both travel with the page.

    Args:
        name: Name of the files, and of the component behind `lectern_`.
        html: Its fixed markup, of ours alone.
    """
    return st.components.v2.component(
        f"lectern_{name}",
        html=html,
        css=(_FOLDER / f"{name}.css").read_text(encoding="utf-8"),
        js=(_FOLDER / f"{name}.js").read_text(encoding="utf-8"),
    )
