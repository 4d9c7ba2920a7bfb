"""Tools outside of Lectern: allowed by a person for the next question, and for no other."""

import streamlit as st

from lectern.api import OuterTool
from lectern.errors import LecternError
from web.language import t
from web.parts.said import error_text
from web.session import current, lectern

_CHOSEN = "chat.outer_tools"
_KEY = "outer-tools"
_AGENTS = frozenset({"react", "rewoo"})
_LONGEST_ABOUT = 80


def chosen() -> list[str]:
    """Return what the next question may use; nothing, unless an agent answers it."""
    if current().settings.reasoning not in _AGENTS:
        return []
    return list(st.session_state.get(_CHOSEN, []))


def taken() -> list[str]:
    """Return what the question that is asked now may use, and forget it."""
    names = chosen()
    st.session_state.pop(_CHOSEN, None)
    st.session_state.pop(_KEY, None)
    return names


def chooser() -> None:
    """Let a person allow tools, where there are any and an agent answers."""
    if current().settings.reasoning not in _AGENTS:
        return
    try:
        tools = lectern().tool_servers.allowed()
    except LecternError as error:
        st.caption(error_text(error))
        return
    if not tools:
        return
    known = {tool.name: tool for tool in tools}
    st.multiselect(
        t("chat.outer_tools"),
        list(known),
        default=[name for name in chosen() if name in known],
        format_func=lambda name: _label(known[name]),
        placeholder=t("chat.outer_none"),
        help=t("chat.outer_help"),
        key=_KEY,
        on_change=_choose,
    )
    st.caption(t("chat.outer_text"))


def label() -> str:
    """Return how many tools are allowed, "" for none; plain text behind the way of answering."""
    count = len(chosen())
    return t("chat.outer_count", count=count) if count else ""


def _choose() -> None:
    st.session_state[_CHOSEN] = list(st.session_state[_KEY])


def _label(tool: OuterTool) -> str:
    if not tool.server:
        return t("chat.outer_web")
    about = " ".join(tool.description.split())
    shown = about if len(about) <= _LONGEST_ABOUT else f"{about[:_LONGEST_ABOUT]}…"
    name = tool.name.removeprefix("mcp:")
    return f"{name}: {shown}" if shown else name
