"""Administration: what happens here. Audit log and feedback on answers."""

import streamlit as st

from lectern.api import AuditEntry, AuditQuery, FeedbackEntry, FeedbackQuery
from web.language import DEFAULT, catalog, t
from web.parts.moments import ago, clock
from web.parts.paging import cursor_of, turn_pages
from web.session import lectern

_PAGE = 50
_KINDS = {
    "": "",
    "session": "session.,sign_in.,setup.",
    "user": "user.,profile.,password.",
    "invitation": "invitation.",
    "group": "group.",
    "collection": "collection.",
    "document": "document",
    "conversation": "conversation.",
    "model": "model.",
    "tool_server": "tool_server.",
    "api_key": "api_key.",
    "assistant": "assistant.",
}
"""How the actions of a kind begin."""


@st.fragment(key="admin-audit")
def audit() -> None:
    """Show who did what, newest first, page by page."""
    st.caption(t("admin.audit_text"))
    kind = st.pills(
        t("admin.audit_kind"),
        list(_KINDS),
        default="",
        format_func=lambda name: t(f"admin.audit_{name or 'all'}"),
        key="admin-audit-kind",
        label_visibility="collapsed",
    )
    action = _KINDS[kind or ""]
    cursor = cursor_of("admin-audit", action)
    found = lectern().audit.list(AuditQuery(action=action, limit=_PAGE, cursor=cursor))
    if not found.entries:
        st.markdown(f":gray[{t('admin.audit_none')}]")
    for entry in found.entries:
        _audit_row(entry)
    turn_pages("admin-audit", found.cursor)


def _audit_row(entry: AuditEntry) -> None:
    with st.container(
        key=f"audit-{entry.entry}", horizontal=True, vertical_alignment="center", gap="small"
    ):
        st.caption(clock(entry.at), width=150)
        st.text(entry.actor_name or "-", width=160)
        st.markdown(action_text(entry.action), width="content")
        detail = [f"{name}={value}" for name, value in entry.detail.items()]
        st.text(" ".join(filter(None, (entry.subject, *detail))))


def action_text(action: str) -> str:
    """Return what was done as Markdown; an action without words here as it is called."""
    name = action.replace(".", "_")
    known = f"admin.did_{name}" in catalog(DEFAULT)
    return t(f"admin.did_{name}") if known else f"`{action}`"


@st.fragment(key="admin-feedback")
def feedback() -> None:
    """Show what readers say about answers, and offer it as evaluation cases."""
    verdict = st.segmented_control(
        t("admin.feedback_verdict"),
        ("down", "up"),
        format_func=lambda name: t(f"admin.feedback_{name}"),
        key="admin-feedback-verdict",
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("admin.feedback_text"))
        st.link_button(
            t("admin.feedback_export"),
            "/api/feedback/evaluation-cases",
            icon=":material/download:",
            width="content",
        )
    cursor = cursor_of("admin-feedback", verdict or "")
    found = lectern().feedback.list(FeedbackQuery(verdict=verdict, limit=_PAGE, cursor=cursor))
    if not found.feedback:
        st.markdown(f":gray[{t('admin.feedback_none')}]")
    for entry in found.feedback:
        _feedback_row(entry)
    turn_pages("admin-feedback", found.cursor)


def _feedback_row(entry: FeedbackEntry) -> None:
    with st.container(key=f"feedback-{entry.message_id}-{entry.user_id}", border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            icon = ":material/thumb_up:" if entry.verdict == "up" else ":material/thumb_down:"
            st.markdown(icon, width="content")
            st.text(entry.user_name, width="content")
            st.caption(ago(entry.given_at), width="content")
            for reason in entry.reasons:
                st.badge(t(f"admin.reason_{reason}"), color="gray")
        st.text(entry.question)
        if entry.comment:
            st.text(f"“{entry.comment}”")
        with st.expander(t("admin.feedback_answer"), type="compact"):
            st.text(entry.answer)
