"""Conversations under headings: pinned, today, yesterday, and so on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from lectern.api import ConversationReply

_WEEK = 7
_MONTH = 30


@dataclass(frozen=True, slots=True)
class Group:
    """Conversations of one time.

    `name` is `pinned`, `today`, `yesterday`, `week`, `month` or `YYYY-MM`.
    """

    name: str
    conversations: Sequence[ConversationReply]


def grouped(conversations: Sequence[ConversationReply], now: datetime, zone: tzinfo) -> list[Group]:
    """Return conversations by the reader's days, in the order they come."""
    groups: dict[str, list[ConversationReply]] = {}
    for each in conversations:
        groups.setdefault(_name(each, now, zone), []).append(each)
    pinned = groups.pop("pinned", None)
    found = [Group(name, members) for name, members in groups.items()]
    return [Group("pinned", pinned), *found] if pinned else found


def _name(each: ConversationReply, now: datetime, zone: tzinfo) -> str:
    if each.pinned:
        return "pinned"
    local = each.updated_at.astimezone(zone)
    age = (now.astimezone(zone).date() - local.date()).days
    if age <= 0:
        return "today"
    if age == 1:
        return "yesterday"
    if age < _WEEK:
        return "week"
    return "month" if age < _MONTH else f"{local:%Y-%m}"
