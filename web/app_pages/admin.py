"""Administration: people, groups, and what happens here."""

import streamlit as st

from lectern.errors import Forbidden
from web.language import t
from web.parts.admin_groups import groups
from web.parts.admin_reports import audit, feedback
from web.parts.admin_usage import usage
from web.parts.admin_users import invitations, users
from web.session import user

if not user().is_admin:
    raise Forbidden("this page is for administrators")

_SECTIONS = {
    "users": users,
    "invitations": invitations,
    "groups": groups,
    "usage": usage,
    "feedback": feedback,
    "audit": audit,
}

st.title(t("shell.page_admin"), anchor=False)
tabs = st.tabs([t(f"admin.tab_{name}") for name in _SECTIONS], key="admin-tab", on_change="rerun")
for show, tab in zip(_SECTIONS.values(), tabs, strict=True):
    if tab.open:
        with tab:
            show()
