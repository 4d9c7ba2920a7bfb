"""Tools page: the dialog that adds or changes a server. A stored key is never shown in it."""

import shlex
from typing import Any

import streamlit as st
from pydantic import ValidationError

from lectern.api import (
    ToolServerChange,
    ToolServerList,
    ToolServerReply,
    ToolServerRequest,
)
from lectern.errors import LecternError
from web.language import t
from web.parts.citations import plain
from web.parts.said import error_text
from web.session import lectern

_EDITED = "tools.edited"
_ENGINES = ("searxng", "brave", "tavily")


def edit(server_id: str) -> None:
    """Open the form at the next run of the page: for a server, or for a new one ("")."""
    st.session_state[_EDITED] = server_id


def form_if_open(found: ToolServerList) -> None:
    """Show the form if it was opened."""
    if _EDITED not in st.session_state:
        return
    server_id = st.session_state[_EDITED]
    server = next((each for each in found.servers if each.server_id == server_id), None)
    title = t("tools.edit_title", name=plain(server.name)) if server else t("tools.add")

    @st.dialog(title, width="medium", on_dismiss=_close)
    def dialog() -> None:
        _form(server, commands=found.commands)

    dialog()


def _close() -> None:
    st.session_state.pop(_EDITED, None)


def _form(server: ToolServerReply | None, *, commands: bool) -> None:
    way = _way_of(server) if server else _choose_way(commands=commands)
    with st.form("tool-form", border=False):
        fields = _fields(server, way)
        saved = st.form_submit_button(t("tools.save"), type="primary")
    if not saved:
        return
    kind = {"kind": "web", "provider": way} if way in _ENGINES else {"kind": "mcp"}
    if server is None:
        try:
            request = ToolServerRequest.model_validate(fields | kind)
        except ValidationError:
            st.error(t("tools.incomplete"), icon=":material/error:")
            return
    try:
        if server is None:
            lectern().tool_servers.create(request)
        else:
            lectern().tool_servers.change(server.server_id, _change(fields))
    except ValidationError:
        st.error(t("tools.incomplete"), icon=":material/error:")
        return
    except LecternError as error:
        st.error(error_text(error), icon=":material/error:")
        return
    _close()
    st.rerun()


def _way_of(server: ToolServerReply) -> str:
    if server.provider:
        return server.provider
    return "command" if server.command else "mcp"


def _choose_way(*, commands: bool) -> str:
    ways = [*_ENGINES, "mcp", *(["command"] if commands else [])]
    return st.selectbox(
        t("tools.way"), ways, format_func=lambda way: t(f"tools.way_{way}"), key="tool-way"
    )


def _fields(server: ToolServerReply | None, way: str) -> dict[str, Any]:
    usual_name = "web" if way in _ENGINES else ""
    fields: dict[str, Any] = {
        "name": st.text_input(
            t("tools.name"),
            server.name if server else usual_name,
            max_chars=40,
            help=t("tools.name_help"),
        ).strip(),
        "description": st.text_input(
            t("tools.description"), server.description if server else "", max_chars=300
        ).strip(),
    }
    if way == "command":
        given = st.text_input(
            t("tools.command"),
            shlex.join(server.command) if server else "",
            help=t("tools.command_help"),
        )
        fields["command"] = _split(given)
    else:
        fields["url"] = st.text_input(
            t("tools.url"),
            server.url if server else "",
            help=t("tools.url_help_mcp" if way == "mcp" else "tools.url_help_web"),
        ).strip()
        fields["key"] = st.text_input(
            t("tools.key"),
            type="password",
            autocomplete="new-password",
            placeholder=t("tools.key_kept") if server and server.has_key else "",
            help=t("tools.key_help"),
        ).strip()
    fields["timeout_s"] = st.number_input(
        t("tools.timeout"), 1.0, 120.0, server.timeout_s if server else 20.0, step=1.0
    )
    return fields


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []


def _change(fields: dict[str, Any]) -> ToolServerChange:
    given = {name: value for name, value in fields.items() if name != "key" or value}
    return ToolServerChange.model_validate(given)
