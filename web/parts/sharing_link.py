"""The dialog that makes and revokes a read-only link to a conversation."""

from urllib.parse import urlsplit

import streamlit as st

from web.components.copying import copy_button
from web.language import t
from web.parts import conversation
from web.parts.scope import saying_why
from web.session import lectern

_DAYS = (1, 7, 30, 0)
_SECRET = "chat.share_secret"  # noqa: S105 - the name of a state


def share_button() -> None:
    """Show the button that opens the dialog."""
    if st.button(
        t("chat.share"), icon=":material/ios_share:", key="icon-share", type="tertiary",
        help=t("chat.share"),
    ):  # fmt: skip
        st.session_state.pop(_SECRET, None)
        _open()


def _open() -> None:
    @st.dialog(t("chat.share_title"))
    def dialog() -> None:
        st.markdown(t("chat.share_text"))
        known = conversation.current().known
        if known is None:
            return
        if known.share is not None:
            _existing()
        days = st.segmented_control(
            t("chat.share_expires"),
            _DAYS,
            default=_DAYS[1],
            required=True,
            format_func=lambda each: (
                t("chat.share_days", count=each) if each else t("chat.share_never")
            ),
            key="share-days",
            on_change="ignore",
        )
        label = t("chat.share_replace" if known.share else "chat.share_create")
        if st.button(label, type="primary", key="share-create"):
            saying_why(lambda: _create(known.conversation_id, int(days or 0)))
            st.rerun(scope="fragment")

    dialog()


def _existing() -> None:
    secret = st.session_state.get(_SECRET)
    known = conversation.current().known
    if known is None or known.share is None:
        return
    if secret:
        with st.container(horizontal=True, vertical_alignment="center", key="share-link"):
            st.code(address(secret), language=None, wrap_lines=True)
            copy_button(
                address(secret), key="copy-share", label=t("chat.share_copy"),
                copied=t("chat.copied"), failed=t("chat.copy_failed"),
            )  # fmt: skip
    expires = known.share.expires_at
    st.caption(
        t("chat.share_until", date=f"{expires:%Y-%m-%d}") if expires else t("chat.share_for_ever")
    )
    if st.button(t("chat.share_revoke"), icon=":material/link_off:", key="share-revoke"):
        saying_why(lambda: _revoke(known.conversation_id))
        st.rerun(scope="fragment")
    st.divider()


def address(secret: str) -> str:
    """Return the address of a shared conversation on this very server."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}/shared/{secret}"


def _create(conversation_id: str, days: int) -> None:
    made = lectern().conversations.share(conversation_id, expires_in_days=days or None)
    st.session_state[_SECRET] = made.secret
    conversation.note_change(lectern().conversations.get(conversation_id))


def _revoke(conversation_id: str) -> None:
    lectern().conversations.unshare(conversation_id)
    st.session_state.pop(_SECRET, None)
    conversation.note_change(lectern().conversations.get(conversation_id))
