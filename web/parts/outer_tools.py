"""Tools outside of Lectern: allowed by a person for the next question, and for no other."""

import time
from collections.abc import Sequence

import streamlit as st

from lectern.api import OuterTool
from web.language import t
from web.parts.citations import plain
from web.session import current, lectern

_ALLOWED = "chat.outer_allowed"
_ASKED = "chat.outer_asked"
_FRESH_S = 30.0
_AGENTS = frozenset({"react", "rewoo"})
_WEB = "web"


def chooser() -> None:
    """Let a person allow tools, where there are any and an agent answers.

    The search of the web, and each MCP server with all of its tools that are allowed here.
    """
    if current().settings.reasoning not in _AGENTS:
        return
    names = list(dict.fromkeys(f"mcp:{each.server}" if each.server else _WEB for each in _tools()))
    if not names:
        return
    st.pills(
        t("chat.outer_tools"),
        names,
        selection_mode="multi",
        format_func=_label,
        key=_key(),
        label_visibility="collapsed",
    )
    if _chosen():
        st.caption(f":material/output: {t('chat.outer_text')}")


def taken() -> list[str]:
    """Return what the question that is asked now may use, and forget it."""
    names = _chosen() if current().settings.reasoning in _AGENTS else []
    st.session_state[_ASKED] = int(st.session_state.get(_ASKED, 0)) + 1
    return names


def _chosen() -> list[str]:
    return list(st.session_state.get(_key()) or ())


def _key() -> str:
    """Return a key of its own for each question: a browser keeps what was chosen under a key."""
    return f"outer-tools-{st.session_state.get(_ASKED, 0)}"


def _tools() -> Sequence[OuterTool]:
    """Return what may be allowed, at most half a minute old."""
    known = st.session_state.get(_ALLOWED)
    if known is None or time.monotonic() - known[0] > _FRESH_S:
        known = (time.monotonic(), lectern().tool_servers.allowed())
        st.session_state[_ALLOWED] = known
    found: Sequence[OuterTool] = known[1]
    return found


def _label(name: str) -> str:
    if name == _WEB:
        return f":material/travel_explore: {t('chat.outer_web')}"
    return f":material/handyman: {plain(name.removeprefix('mcp:'))}"
