"""Settings: keys for programs."""

import streamlit as st

from lectern.api import ApiKey, Scope
from lectern.errors import LecternError
from web.language import t
from web.parts.moments import ago, day
from web.parts.said import error_text
from web.session import current, lectern

_NEW = "settings.new_key"
_LIVES: tuple[int | None, ...] = (30, 90, 365, None)


@st.fragment(key="settings-keys")
def api_keys() -> None:
    """List the caller's keys, make new ones, revoke old ones."""
    st.caption(t("settings.keys_text"))
    _show_new()
    with st.popover(t("settings.key_create"), icon=":material/add:", type="primary"):
        _form()
    keys = lectern().api_keys.list()
    if not keys:
        st.markdown(f":gray[{t('settings.keys_none')}]")
    for key in keys:
        _row(key)


def _form() -> None:
    scopes: list[Scope] = ["read", "write"]
    if current().user.is_admin:
        scopes.append("admin")
    with st.form("settings-key", border=False, clear_on_submit=True):
        label = st.text_input(
            t("settings.key_label"), max_chars=100, placeholder=t("settings.key_example")
        )
        picked = st.pills(
            t("settings.key_scopes"),
            scopes,
            default=["read"],
            selection_mode="multi",
            format_func=lambda scope: t(f"settings.scope_{scope}"),
        )
        life = st.selectbox(
            t("settings.key_life"),
            _LIVES,
            index=1,
            format_func=lambda days: (
                t("settings.key_days", count=days) if days else t("settings.key_for_ever")
            ),
        )
        made = st.form_submit_button(t("settings.key_make"), type="primary")
    chosen = [scope for scope in scopes if scope in picked]
    if made and not (label.strip() and chosen):
        st.error(t("settings.key_incomplete"))
    elif made:
        try:
            key = lectern().api_keys.create(label.strip(), scopes=chosen, expires_in_days=life)
        except LecternError as error:
            st.error(error_text(error))
            return
        st.session_state[_NEW] = key.secret
        st.rerun()


def _show_new() -> None:
    """Show the secret of a key that was just made; it leaves the session when it is closed."""
    secret = st.session_state.get(_NEW)
    if not secret:
        return
    with st.container(key="new-key", border=True):
        st.markdown(t("settings.key_once"))
        st.code(secret, language=None)
        if st.button(t("settings.key_noted"), key="settings-key-noted"):
            del st.session_state[_NEW]
            st.rerun()


def _row(key: ApiKey) -> None:
    used = ago(key.last_used_at) if key.last_used_at else t("settings.key_never")
    expiry = day(key.expires_at) if key.expires_at else t("settings.key_for_ever")
    with st.container(
        key=f"key-{key.key_id}", border=True, horizontal=True, vertical_alignment="center"
    ):
        with st.container(gap=None):
            st.text(key.label)
            st.caption(
                t(
                    "settings.key_facts",
                    prefix=f"`{key.prefix}…`" if key.prefix else "",
                    used=used,
                    expiry=expiry,
                )
            )
        for scope in key.scopes:
            st.badge(t(f"settings.scope_{scope}"), color="gray")
        if st.button(
            t("settings.key_revoke"),
            key=f"revoke-{key.key_id}",
            icon=":material/delete:",
            type="tertiary",
            width="content",
        ):
            lectern().api_keys.revoke(key.key_id)
            st.rerun()
