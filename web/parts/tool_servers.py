"""Models page: servers of tools outside Lectern, and which of their tools are allowed."""

from collections.abc import Callable

import streamlit as st
from pydantic import ValidationError

from lectern.api import OfferedTool, ToolServerChange, ToolServerReply, ToolServerRequest
from lectern.errors import LecternError
from web.language import t
from web.parts.citations import plain
from web.parts.notices import notice
from web.parts.said import error_text
from web.session import lectern

_OFFERED = "tools.offered."
_KINDS = ("mcp", "searxng", "brave", "tavily")


def tool_servers() -> None:
    """Show all servers, what they offer, and the form that adds one."""
    st.caption(t("tools.text"))
    for server in lectern().tools.servers():
        _server(server)
    with st.expander(t("tools.add"), icon=":material/add:", key="tool-server-add"):
        _form()


def _form() -> None:
    with st.form("tool-server", border=False, clear_on_submit=True):
        name = st.text_input(t("tools.name"), max_chars=40, help=t("tools.name_help"))
        kind = st.selectbox(t("tools.kind"), _KINDS, format_func=lambda k: t(f"tools.kind_{k}"))
        url = st.text_input(t("tools.url"), help=t("tools.url_help"))
        key = st.text_input(t("tools.key"), type="password", autocomplete="new-password")
        if not st.form_submit_button(t("tools.save"), type="primary"):
            return
    web_kind = None if kind == "mcp" else kind
    fields = {"name": name.strip(), "url": url.strip(), "key": key.strip(), "web_kind": web_kind}
    try:
        asked = ToolServerRequest.model_validate(fields | {"kind": "web" if web_kind else "mcp"})
    except ValidationError:
        st.error(t("tools.incomplete"), icon=":material/error:")
        return
    _done(lambda: lectern().tools.create(asked), t("tools.added"))


def _server(server: ToolServerReply) -> None:
    server_id = server.server_id
    with st.container(key=f"tool-server-{server_id}", border=True):
        st.caption(t(f"tools.kind_{server.web_kind or 'mcp'}"))
        st.subheader(plain(server.name), anchor=False)
        st.caption(_facts(server))
        with st.container(horizontal=True):
            if st.button(
                t("tools.test"),
                key=f"tool-test-{server_id}",
                icon=":material/network_check:",
                type="tertiary",
            ):
                _ask(server)
            if not server.of_environment:
                _actions(server)
        if not server.of_environment and (found := st.session_state.get(_OFFERED + server_id)):
            _allowing(server, found)


def _facts(server: ToolServerReply) -> str:
    facts = [f"`{server.url or ' '.join(server.command)}`"]
    if server.of_environment:
        facts.append(t("models.of_environment"))
    else:
        facts.append(t("models.key_set" if server.has_key else "models.key_none"))
    if not server.enabled:
        facts.append(t("models.disabled"))
    if server.kind == "mcp":
        names = ", ".join(map(plain, server.allowed))
        facts.append(t("tools.allowed", names=names) if names else t("tools.allowed_none"))
    return " · ".join(facts)


def _ask(server: ToolServerReply) -> None:
    with st.spinner(t("models.testing")):
        tried = lectern().tools.test(server.server_id)
    if not tried.reachable:
        st.error(t("models.failed"), icon=":material/error:")
        st.text(tried.detail)
        return
    st.success(
        t("models.answers") + " · " + t("models.latency", count=round(tried.latency_ms)),
        icon=":material/check_circle:",
    )
    st.session_state[_OFFERED + server.server_id] = tried.tools


def _actions(server: ToolServerReply) -> None:
    server_id = server.server_id
    if st.button(
        t("models.disable" if server.enabled else "models.enable"),
        key=f"tool-enable-{server_id}",
        icon=":material/toggle_on:" if server.enabled else ":material/toggle_off:",
        type="tertiary",
    ):
        change = ToolServerChange(enabled=not server.enabled)
        _done(lambda: lectern().tools.change(server_id, change), t("tools.saved"))
    with st.popover(t("models.remove"), icon=":material/delete:", type="tertiary"):
        st.markdown(t("tools.remove_text"))
        if st.button(t("models.remove_now"), key=f"tool-remove-{server_id}", type="primary"):
            _done(lambda: lectern().tools.delete(server_id), t("tools.removed"))


def _allowing(server: ToolServerReply, offered: list[OfferedTool]) -> None:
    """Let an administrator tick what may be used, after reading what each tool says of itself."""
    server_id = server.server_id
    with st.form(f"tool-allow-{server_id}", border=False):
        st.caption(t("tools.allow_text"))
        ticked = []
        for tool in offered:
            wanted = st.checkbox(
                f"`{tool.name}`", tool.state == "allowed", key=f"tool-{server_id}-{tool.name}"
            )
            if tool.state == "changed":
                st.warning(t("tools.changed"), icon=":material/warning:")
            st.text(tool.description)
            ticked += [tool] if wanted else []
        saved = st.form_submit_button(t("tools.allow"), type="primary")
    if saved:
        st.session_state.pop(_OFFERED + server_id)
        _done(lambda: lectern().tools.allow(server_id, ticked), t("tools.saved"))


def _done(act: Callable[[], object], said: str) -> None:
    try:
        act()
    except LecternError as error:
        st.error(error_text(error), icon=":material/error:")
        return
    notice(said)
    st.rerun()
