"""The conversations in the sidebar: search, groups by day, rename, pin, delete with undo."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from lectern.api import ConversationChange, ConversationQuery, ConversationReply
from lectern.errors import LecternError
from web.components.conversations import LABELS, ConversationsData, Undo, conversation_rows
from web.language import t
from web.parts import conversation
from web.parts.days import grouped
from web.parts.deleting import DELETIONS
from web.parts.scope import saying_why
from web.parts.stale import mark_stale, take_stale
from web.session import lectern, user

AT_ONCE = 30
_MOST_AT_ONCE = 200

_LIST = "chat.list"
_KEY = "conversation-list"
_SEARCH = "conversation-search"
_GO = "chat.go"
_FRESH_S = 30.0  # other tabs and devices have conversations too


@dataclass(slots=True)
class Listed:
    """What was read of the list."""

    query: str = ""
    conversations: Sequence[ConversationReply] = ()
    cursor: str = ""
    read_at: float = field(default_factory=time.monotonic)

    @property
    def fresh(self) -> bool:
        """Whether it was read a moment ago."""
        return time.monotonic() - self.read_at < _FRESH_S


def conversations_list() -> None:
    """Show the way to a new conversation and the list of the others; call it in the sidebar."""
    st.button(
        t("chat.new"), icon=":material/edit_square:", key="new-chat", width="stretch",
        shortcut="Alt+N", on_click=conversation.go_to, args=("",),
    )  # fmt: skip
    _list()


@st.fragment(key="conversations")
def _list() -> None:
    if st.session_state.pop(_GO, False):
        st.rerun()
    query = st.text_input(
        t("chat.search"), type="search", live=True, key=_SEARCH, placeholder=t("chat.search"),
        label_visibility="collapsed",
    )  # fmt: skip
    try:
        listed = _read(query or "")
    except LecternError:
        st.caption(f":material/cloud_off: {t('chat.list_unavailable')}")
        return
    conversation_rows(_data(listed), key=_KEY, on_act=_act)


def _read(query: str) -> Listed:
    listed: Listed | None = st.session_state.get(_LIST)
    if take_stale() or listed is None or listed.query != query or not listed.fresh:
        same = listed is not None and listed.query == query
        listed = _list_of(query, len(listed.conversations) if listed and same else 0)
        st.session_state[_LIST] = listed
    return listed


def _list_of(query: str, count: int) -> Listed:
    """Read the list anew, as far as `count` conversations were shown of it before."""
    asked = ConversationQuery(limit=min(max(count, AT_ONCE), _MOST_AT_ONCE), query=query)
    listed = Listed(query)
    while True:
        page = lectern().conversations.list(asked)
        listed.conversations = [*listed.conversations, *page.conversations]
        listed.cursor = page.cursor
        if not page.cursor or len(listed.conversations) >= count:
            return listed
        asked = asked.model_copy(update={"cursor": page.cursor})


def _data(listed: Listed) -> ConversationsData:
    pending = DELETIONS.pending(user().user_id)
    visible = [c for c in listed.conversations if c.conversation_id not in pending]
    last = next(reversed(pending), None)
    return ConversationsData(
        groups=[
            {
                "label": _heading(group.name),
                "rows": [
                    {
                        "id": each.conversation_id,
                        "title": each.title or t("chat.untitled"),
                        "pinned": each.pinned,
                    }
                    for each in group.conversations
                ],
            }
            for group in grouped(visible, datetime.now(UTC), _zone())
        ],
        active=conversation.address(),
        undo=_undo(last) if last else None,
        more=bool(listed.cursor),
        empty=t("chat.list_nothing" if listed.query else "chat.list_empty"),
        labels={name: t(f"chat.list_{name}") for name in LABELS},
    )


def _undo(conversation_id: str) -> Undo:
    milliseconds = int(DELETIONS.undo_s * 1000)
    return Undo(id=conversation_id, text=t("chat.deleted"), milliseconds=milliseconds)


def _heading(name: str) -> str:
    year, dash, month = name.partition("-")
    if dash:
        return t("chat.day_in_month", year=year, month=t(f"chat.month_{int(month)}"))
    return t(f"chat.day_{name}")


def _zone() -> ZoneInfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _act() -> None:
    act = st.session_state[_KEY].act
    kind, conversation_id = str(act["kind"]), str(act["id"])
    saying_why(lambda: _do(kind, conversation_id, str(act.get("title", ""))))


def _do(kind: str, conversation_id: str, title: str) -> None:
    match kind:
        case "open":
            conversation.go_to(conversation_id)
            st.session_state[_GO] = True
        case "rename":
            _change(conversation_id, ConversationChange(title=title))
        case "pin" | "unpin":
            _change(conversation_id, ConversationChange(pinned=kind == "pin"))
        case "delete":
            DELETIONS.later(user().user_id, conversation_id, lectern())
            if conversation.address() == conversation_id:
                conversation.go_to("")
                st.session_state[_GO] = True
        case "undo":
            DELETIONS.undo(user().user_id, conversation_id)
        case "more":
            _more()


def _change(conversation_id: str, change: ConversationChange) -> None:
    conversation.note_change(lectern().conversations.change(conversation_id, change))
    mark_stale()
    st.session_state[_GO] = True


def _more() -> None:
    listed: Listed = st.session_state[_LIST]
    asked = ConversationQuery(limit=AT_ONCE, query=listed.query, cursor=listed.cursor)
    page = lectern().conversations.list(asked)
    listed.conversations = [*listed.conversations, *page.conversations]
    listed.cursor = page.cursor
