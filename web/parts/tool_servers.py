"""Tools page: each server with what it offers, what of it is allowed, and what can be done."""

from collections.abc import Callable
from urllib.parse import urlsplit

import streamlit as st

from lectern.api import (
    AllowedTool,
    FoundTool,
    ToolServerChange,
    ToolServerReply,
    ToolServerTestReply,
)
from lectern.errors import LecternError
from web.language import t
from web.parts.citations import plain
from web.parts.said import error_text
from web.parts.tool_form import edit
from web.session import lectern

_LONGEST_ABOUT = 1000  # characters; as many as a model is told


def server_card(server: ToolServerReply) -> None:
    """Show a server of tools."""
    server_id = server.server_id
    with st.container(key=f"tool-{server_id}", border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(gap=None):
                st.caption(t(f"tools.kind_{server.kind}"))
                st.subheader(plain(server.name), anchor=False)
                st.caption(_facts(server))
            label = t("tools.look" if server.kind == "mcp" else "tools.test")
            if st.button(
                label, key=f"tool-test-{server_id}", icon=":material/network_check:",
                width="content",
            ):  # fmt: skip
                with st.spinner(t("tools.asking")):
                    st.session_state[_key(server_id)] = lectern().tool_servers.test(server_id)
        if server.changed:
            names = ", ".join(map(plain, server.changed))
            st.warning(t("tools.changed", names=names), icon=":material/warning:")
        if server.kind == "mcp":
            _allowed(server)
        if not server.of_environment:
            _actions(server)
        _trial(server)


def _key(server_id: str) -> str:
    return f"tools.result.{server_id}"


def _facts(server: ToolServerReply) -> str:
    where = urlsplit(server.url).netloc or " ".join(server.command)
    facts = [plain(server.description), server.provider or "", f"`{where}`" if where else ""]
    if server.of_environment:
        facts.append(t("tools.of_environment"))
    elif not server.command:
        facts.append(t("tools.key_set" if server.has_key else "tools.key_none"))
    if not server.enabled:
        facts.append(t("tools.disabled"))
    return " · ".join(fact for fact in facts if fact)


def _allowed(server: ToolServerReply) -> None:
    names = ", ".join(plain(tool.name) for tool in server.allowed)
    st.markdown(t("tools.allowed", names=names) if names else t("tools.allowed_none"))


def _trial(server: ToolServerReply) -> None:
    result: ToolServerTestReply | None = st.session_state.get(_key(server.server_id))
    if result is None:
        return
    if not result.reachable:
        st.error(t("tools.failed"), icon=":material/error:")
        st.text(result.detail)
        return
    said = t("tools.answers", count=round(result.latency_ms))
    if server.kind == "web":
        said += f" · {t('tools.results', count=result.results)}"
    st.success(said, icon=":material/check_circle:")
    if server.kind == "mcp":
        _offered(server, result.tools)


def _offered(server: ToolServerReply, tools: list[FoundTool]) -> None:
    """Show what a server offers, each to be allowed as it is now."""
    with st.form(f"tool-allow-{server.server_id}", border=False):
        wanted = []
        for tool in tools:
            about = " ".join(tool.description.split())[:_LONGEST_ABOUT]
            state = t(f"tools.state_{tool.state}")
            there = tool.state != "gone" and not server.of_environment
            if st.checkbox(
                f"**{plain(tool.name)}** · {state}  \n{plain(about)}",
                value=tool.state == "allowed",
                key=f"tool-allow-{server.server_id}-{tool.name}",
                disabled=not there,
            ):
                wanted.append(tool)
            if tool.parameters:
                with st.expander(t("tools.arguments", name=plain(tool.name)), type="compact"):
                    st.json(tool.parameters)
        saved = st.form_submit_button(
            t("tools.allow"), type="primary", disabled=server.of_environment
        )
    if saved:
        allowed = [
            AllowedTool(name=tool.name, description=tool.description, digest=tool.digest)
            for tool in wanted
            if tool.state != "gone"
        ]
        _changed(server, ToolServerChange(allowed=allowed))


def _actions(server: ToolServerReply) -> None:
    server_id = server.server_id
    with st.container(horizontal=True):
        st.button(
            t("tools.edit"),
            key=f"tool-edit-{server_id}",
            icon=":material/edit:",
            type="tertiary",
            on_click=edit,
            args=(server_id,),
        )
        if st.button(
            t("tools.disable" if server.enabled else "tools.enable"),
            key=f"tool-enable-{server_id}",
            icon=":material/toggle_on:" if server.enabled else ":material/toggle_off:",
            type="tertiary",
        ):
            _changed(server, ToolServerChange(enabled=not server.enabled))
        with st.popover(t("tools.remove"), icon=":material/delete:", type="tertiary"):
            st.markdown(t("tools.remove_text"))
            if st.button(t("tools.remove_now"), key=f"tool-remove-{server_id}", type="primary"):
                _done(lambda: lectern().tool_servers.delete(server_id))


def _changed(server: ToolServerReply, change: ToolServerChange) -> None:
    st.session_state.pop(_key(server.server_id), None)
    _done(lambda: lectern().tool_servers.change(server.server_id, change))


def _done(change: Callable[[], object]) -> None:
    try:
        change()
    except LecternError as error:
        st.error(error_text(error), icon=":material/error:")
        return
    st.rerun()
