"""Administration: what happens here. Audit log and feedback on answers."""

import streamlit as st

from lectern.api import AuditEntry, AuditQuery, FeedbackEntry, FeedbackQuery
from web.language import t
from web.parts.moments import ago, clock
from web.session import lectern

_PAGE = 50
_KINDS = (
    "", "session", "sign_in", "user", "invitation", "group", "collection", "document",
    "conversation", "api_key", "model", "tool_server",
)  # fmt: skip
"""What actions begin with."""


@st.fragment(key="admin-audit")
def audit() -> None:
    """Show who did what, newest first, page by page."""
    st.caption(t("admin.audit_text"))
    kind = st.pills(
        t("admin.audit_kind"),
        _KINDS,
        default="",
        format_func=lambda name: t(f"admin.audit_{name or 'all'}"),
        key="admin-audit-kind",
        label_visibility="collapsed",
    )
    pages = st.session_state.get(f"admin-audit-pages-{kind}", 1)
    cursor, entries = "", 0
    for _ in range(pages):
        found = lectern().audit.list(AuditQuery(action=kind or "", limit=_PAGE, cursor=cursor))
        for entry in found.entries:
            _audit_row(entry)
        cursor, entries = found.cursor, entries + len(found.entries)
        if not cursor:
            break
    if not entries:
        st.markdown(f":gray[{t('admin.audit_none')}]")
    if cursor and st.button(t("admin.more"), key="admin-audit-more"):
        st.session_state[f"admin-audit-pages-{kind}"] = pages + 1
        st.rerun()


def _audit_row(entry: AuditEntry) -> None:
    with st.container(
        key=f"audit-{entry.entry}", horizontal=True, vertical_alignment="center", gap="small"
    ):
        st.caption(clock(entry.at), width=150)
        st.text(entry.actor_name or "-", width=160)
        st.markdown(f"`{entry.action}`", width="content")
        detail = " ".join(f"{name}={value}" for name, value in entry.detail.items())
        st.text("  ".join(filter(None, [entry.subject, detail])))


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
    found = lectern().feedback.list(FeedbackQuery(verdict=verdict, limit=_PAGE)).feedback
    if not found:
        st.markdown(f":gray[{t('admin.feedback_none')}]")
    for entry in found:
        _feedback_row(entry)


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
