"""How the next questions are answered: once, in parts, step by step, by a plan."""

import streamlit as st

from lectern.api import UserSettingsChange
from web.language import t
from web.parts.outer_tools import tool_picker
from web.session import current, forget_user, lectern

MODES = ("simple", "decompose", "react", "rewoo")
_KEY = "reasoning"


def way_of_answering() -> None:
    """Let people choose; the choice is kept with their settings."""
    chosen = current().settings.reasoning
    menu = st.popover(
        t(f"chat.reasoning_{chosen}"),
        icon=":material/account_tree:",
        type="tertiary",
        key="reasoning-menu",
        help=t("chat.reasoning"),
        on_change="rerun",
    )
    if menu.open:
        with menu:
            st.radio(
                t("chat.reasoning"),
                MODES,
                index=MODES.index(chosen),
                format_func=lambda mode: t(f"chat.reasoning_{mode}"),
                captions=[t(f"chat.reasoning_{mode}_text") for mode in MODES],
                help=t("chat.reasoning_help"),
                key=_KEY,
                on_change=_keep,
            )
            tool_picker(chosen)


def _keep() -> None:
    change = UserSettingsChange.model_validate({"reasoning": st.session_state[_KEY]})
    lectern().settings.change(change)
    forget_user()
