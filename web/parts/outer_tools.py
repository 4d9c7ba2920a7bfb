"""Tools outside Lectern: which the next question may use, and what a web search found."""

import time
from collections.abc import Sequence

import streamlit as st

from lectern.api import AnswerReply, AvailableTool, StepLink
from web.language import t
from web.parts.citations import plain
from web.session import current, lectern

_ASKED = "chat.outer_asked"
_AVAILABLE = "chat.outer_available"
_FRESH_S = 30.0
_MOST_NAMED = 20  # in one question
_ICONS = {"web": "travel_explore", "mcp": "handyman"}
_MODES = frozenset({"react", "rewoo"})
_MOST_LINKS = 12
_MARKS = {"(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "[": "%5B", "]": "%5D", "\\": "%5C"}


def tool_picker() -> None:
    """Let people allow tools for the next question, where there are any and an agent answers.

    Each server is one choice: with all of its tools that an administrator allowed.
    """
    if current().settings.reasoning not in _MODES:
        return
    kinds = {_server_of(each.name): each.kind for each in _available()}
    if not kinds:
        return
    st.pills(
        t("chat.outer_tools"),
        list(kinds),
        selection_mode="multi",
        format_func=lambda server: f":material/{_ICONS[kinds[server]]}: {plain(server)}",
        key=_key(),
        label_visibility="collapsed",
    )
    if _chosen():
        st.caption(f":material/output: {t('chat.outer_tools_leave')}")


def chosen_tools() -> list[str]:
    """Return the tools that the question asked now names, 20 at most; the next one names none."""
    servers = _chosen() if current().settings.reasoning in _MODES else ()
    st.session_state[_ASKED] = int(st.session_state.get(_ASKED, 0)) + 1
    if not servers:
        return []
    names = [each.name for each in _available() if _server_of(each.name) in servers]
    return names[:_MOST_NAMED]


def outside_text(reply: AnswerReply) -> str:
    """Return the pages outside Lectern that were found for an answer as Markdown; "" without any.

    Only what a search itself named; a title is only ever text.
    """
    links = {link.url: link for step in reply.steps for link in step.links}
    if not links:
        return ""
    rows = [f"- :material/public: {_linked(each)}" for each in list(links.values())[:_MOST_LINKS]]
    return "\n".join([f":small[:gray[{t('chat.outside')}]]\n", *rows])


def _linked(link: StepLink) -> str:
    if not link.url.lower().startswith(("https://", "http://")):
        return plain(link.title)
    address = "".join(_MARKS.get(character, character) for character in link.url.split()[0])
    return f"[{plain(link.title)}]({address})"


def _chosen() -> Sequence[str]:
    return list(st.session_state.get(_key()) or ())


def _key() -> str:
    """Return a key of its own for each question: a browser keeps what was chosen under a key."""
    return f"outer-tools-{st.session_state.get(_ASKED, 0)}"


def _server_of(name: str) -> str:
    return name.partition("/")[0]


def _available() -> Sequence[AvailableTool]:
    """Return what a question may name, at most half a minute old."""
    known = st.session_state.get(_AVAILABLE)
    if known is None or time.monotonic() - known[0] > _FRESH_S:
        known = (time.monotonic(), lectern().tools.available())
        st.session_state[_AVAILABLE] = known
    found: Sequence[AvailableTool] = known[1]
    return found
