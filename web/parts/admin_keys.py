"""Administration: the API keys of somebody, and revoking them."""

import streamlit as st

from lectern.api import ApiKey, UserReply
from lectern.errors import LecternError
from web.language import t
from web.parts.citations import plain
from web.parts.moments import ago, day
from web.parts.said import error_text
from web.session import lectern


def show_keys(user: UserReply) -> None:
    """Show somebody's keys in a dialog; each can be revoked at once."""

    @st.dialog(t("admin.keys_title", name=plain(user.name)), width="medium")
    def dialog() -> None:
        st.caption(t("admin.keys_text"))
        try:
            keys = lectern().users.api_keys(user.user_id)
        except LecternError as error:
            st.error(error_text(error), icon=":material/error:")
            return
        if not keys:
            st.markdown(f":gray[{t('settings.keys_none')}]")
        for key in keys:
            _row(user, key)

    dialog()


def _row(user: UserReply, key: ApiKey) -> None:
    with st.container(
        key=f"admin-key-{key.key_id}", border=True, horizontal=True, vertical_alignment="center"
    ):
        with st.container(gap=None):
            st.text(key.label)
            st.caption(
                t(
                    "settings.key_facts",
                    prefix=f"`{key.prefix}…`" if key.prefix else "",
                    used=ago(key.last_used_at) if key.last_used_at else t("settings.key_never"),
                    expiry=day(key.expires_at) if key.expires_at else t("settings.key_for_ever"),
                )
            )
        for scope in key.scopes:
            st.badge(t(f"settings.scope_{scope}"), color="gray")
        st.button(
            t("settings.key_revoke"),
            key=f"admin-revoke-{key.key_id}",
            icon=":material/delete:",
            type="tertiary",
            width="content",
            on_click=_revoke,
            args=(user, key),
        )


def _revoke(user: UserReply, key: ApiKey) -> None:
    try:
        lectern().users.revoke_api_key(user.user_id, key.key_id)
    except LecternError as error:
        st.toast(error_text(error), icon=":material/error:")
