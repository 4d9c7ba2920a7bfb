"""Finding somebody among everybody: a field that is asked as it is typed in."""

from collections.abc import Collection, Sequence

import streamlit as st

from lectern.api import PersonReply
from web.language import t
from web.parts.citations import plain
from web.session import lectern

SHOWN = 8
_MOST_ASKED = 50
_LONGEST_NAME = 100


def find_people(
    label: str, *, key: str, without: Collection[str] = (), groups_too: bool = True
) -> Sequence[PersonReply]:
    """Show the field; return people and groups whose names contain what was typed, at most `SHOWN`.

    Args:
        label: What the field is for.
        key: Of the field.
        without: Ids of those who are not wanted.
        groups_too: Whether groups are wanted as well.
    """
    typed = st.text_input(
        label,
        type="search",
        live="250ms",
        key=key,
        placeholder=t("library.share_placeholder"),
    ).strip()[:_LONGEST_NAME]
    limit = min(SHOWN + 1 + len(without), _MOST_ASKED) if groups_too else _MOST_ASKED
    asked = lectern().collections.people(typed, limit=limit)
    wanted = [each for each in asked if groups_too or each.kind == "user"]
    found = [each for each in wanted if each.id not in without]
    groups = [each for each in found if each.kind == "group"][: SHOWN // 2]
    people = [each for each in found if each.kind == "user"][: SHOWN - len(groups)]
    if len(found) > len(people) + len(groups) or len(asked) == limit:
        st.caption(t("library.people_more"))
    elif typed and not found:
        st.caption(t("library.people_none"))
    return [*people, *groups]


def choose_user(label: str, *, key: str, without: Collection[str] = ()) -> PersonReply | None:
    """Show the field and who was found; return who of them was chosen, nobody at first.

    Args:
        label: What the field is for.
        key: Of the choice; the field has `-name` behind it.
        without: Ids of those who are not wanted.
    """
    found = find_people(label, key=f"{key}-name", without=without, groups_too=False)
    return st.pills(
        label,
        found,
        format_func=lambda each: called(each, found),
        label_visibility="collapsed",
        key=key,
    )


def called(person: PersonReply, among: Sequence[PersonReply]) -> str:
    """Return a name as Markdown, with the account where another one has the same name."""
    alike = any(each.name == person.name and each.id != person.id for each in among)
    account = f" ({plain(person.account)})" if alike and person.account else ""
    return plain(person.name) + account
