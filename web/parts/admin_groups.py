"""Administration: groups to share collections with."""

import streamlit as st

from lectern.api import GroupReply
from lectern.errors import LecternError
from web.language import t
from web.parts.citations import plain
from web.parts.people_search import choose_user
from web.parts.said import error_text
from web.session import lectern


@st.fragment(key="admin-groups")
def groups() -> None:
    """List groups and who is in them; make and remove groups."""
    st.caption(t("admin.groups_text"))
    with st.popover(t("admin.group_add"), icon=":material/group_add:", type="primary"):
        _new_group()
    found = lectern().groups.list()
    if not found:
        st.markdown(f":gray[{t('admin.groups_none')}]")
    for group in found:
        label = t("admin.group_members", name=plain(group.name), count=group.member_count)
        with st.expander(label, key=f"group-{group.group_id}", on_change="rerun") as opened:
            if opened.open:
                _members(group)


def _members(group: GroupReply) -> None:
    members = lectern().groups.members(group.group_id)
    if group.oidc_group:
        st.caption(t("admin.group_by_provider", name=plain(group.oidc_group)))
    for member in members:
        with st.container(
            key=f"member-{group.group_id}-{member.user_id}",
            horizontal=True,
            vertical_alignment="center",
        ):
            st.text(member.display_name or member.name)
            if not group.oidc_group and st.button(
                t("admin.group_take_out"),
                key=f"out-{group.group_id}-{member.user_id}",
                type="tertiary",
                width="content",
            ):
                lectern().groups.remove(group.group_id, member.user_id)
                st.rerun()
    if not group.oidc_group:
        _add_member(group, {member.user_id for member in members})
    if st.button(
        t("admin.group_remove"),
        key=f"remove-{group.group_id}",
        icon=":material/delete:",
        type="tertiary",
    ):
        lectern().groups.delete(group.group_id)
        st.rerun()


def _add_member(group: GroupReply, members: set[str]) -> None:
    chosen = choose_user(t("admin.group_put_in"), key=f"in-{group.group_id}", without=members)
    if chosen is not None:
        lectern().groups.add(group.group_id, chosen.id)
        del st.session_state[f"in-{group.group_id}"]
        st.rerun()


def _new_group() -> None:
    with st.form("admin-group", border=False, clear_on_submit=True):
        name = st.text_input(t("admin.group_name"), max_chars=100)
        claim = st.text_input(
            t("admin.group_claim"), max_chars=200, help=t("admin.group_claim_help")
        )
        made = st.form_submit_button(t("admin.group_make"), type="primary")
    if made and name.strip():
        try:
            lectern().groups.create(name.strip(), oidc_group=claim.strip())
        except LecternError as error:
            st.error(error_text(error))
            return
        st.rerun()
