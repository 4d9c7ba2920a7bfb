"""Tools outside Lectern: which the next question may use, and what a web search found."""

from collections.abc import Sequence

import streamlit as st

from lectern.api import AnswerReply, StepLink
from web.language import t
from web.parts.citations import plain
from web.session import lectern

_KEY = "outer-tools"
_CHOSEN = "chat.outer_tools"
_MODES = frozenset({"react", "rewoo"})
_MOST_LINKS = 12
_MARKS = {"(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "[": "%5B", "]": "%5D", "\\": "%5C"}


def tool_picker(mode: str) -> None:
    """Let people choose tools for their next questions, where there are any; none by default."""
    if mode not in _MODES:
        return
    names = [each.name for each in lectern().tools.available()]
    if not names:
        return
    st.multiselect(
        t("chat.outer_tools"),
        names,
        default=[name for name in _chosen() if name in names],
        placeholder=t("chat.outer_tools_none"),
        help=t("chat.outer_tools_help"),
        key=_KEY,
        on_change=_keep,
    )


def chosen_tools(mode: str) -> list[str]:
    """Return the tools that the next question names."""
    return list(_chosen()) if mode in _MODES else []


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
    return list(st.session_state.get(_CHOSEN, ()))


def _keep() -> None:
    st.session_state[_CHOSEN] = list(st.session_state[_KEY])
