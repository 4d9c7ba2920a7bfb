"""Administration: who may sign in, and who is invited."""

import streamlit as st

from lectern.api import (
    InvitationGrant,
    InvitationReply,
    InvitationRequest,
    UserChange,
    UserQuery,
    UserReply,
    UserRequest,
)
from lectern.errors import LecternError
from web.language import t
from web.parts.admin_keys import show_keys
from web.parts.citations import plain
from web.parts.moments import ago, day
from web.parts.people_search import choose_user
from web.parts.said import error_text
from web.session import current, lectern

_SHOWN_ONCE = "admin.shown_once"
_PAGE = 50


@st.fragment(key="admin-users")
def users() -> None:
    """List users; make, change and remove them."""
    show_once()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        query = st.text_input(
            t("admin.user_search"),
            type="search",
            key="admin-user-query",
            placeholder=t("admin.user_search_hint"),
            label_visibility="collapsed",
        )
        with st.popover(t("admin.user_add"), icon=":material/person_add:", type="primary"):
            _new_user()
    found = lectern().users.list(UserQuery(query=query or "", limit=_PAGE))
    if not found.users:
        st.markdown(f":gray[{t('admin.user_none')}]")
    for user in found.users:
        _row(user)
    if found.cursor:
        st.caption(t("admin.user_more", count=_PAGE))


def _row(user: UserReply) -> None:
    with st.container(
        key=f"user-{user.user_id}", border=True, horizontal=True, vertical_alignment="center"
    ):
        with st.container(gap=None):
            st.text(user.display_name or user.name)
            seen = (
                t("admin.user_seen", when=ago(user.last_signed_in_at))
                if user.last_signed_in_at
                else t("admin.user_never")
            )
            st.caption(" · ".join(filter(None, (_code(user.name), _code(user.email), seen))))
        if user.is_admin:
            st.badge(t("admin.is_admin"), color="green")
        if user.disabled:
            st.badge(t("admin.is_disabled"), color="red")
        action = st.menu_button(
            t("admin.actions"),
            _actions(user),
            format_func=lambda name: t(f"admin.do_{name}"),
            icon=":material/more_horiz:",
            type="tertiary",
            key=f"user-menu-{user.user_id}",
            width="content",
        )
        if action:
            _act(user, action)


def _actions(user: UserReply) -> list[str]:
    if user.user_id == current().user.user_id:
        return ["reset_password"]
    return [
        "reset_password",
        "keys",
        "demote" if user.is_admin else "promote",
        "enable" if user.disabled else "disable",
        "remove",
    ]


def _act(user: UserReply, action: str) -> None:
    if action == "remove":
        _confirm_removal(user)
        return
    if action == "keys":
        show_keys(user)
        return
    change = {
        "reset_password": UserChange(reset_password=True),
        "promote": UserChange(is_admin=True),
        "demote": UserChange(is_admin=False),
        "disable": UserChange(disabled=True),
        "enable": UserChange(disabled=False),
    }[action]
    try:
        changed = lectern().users.change(user.user_id, change)
    except LecternError as error:
        st.toast(error_text(error), icon=":material/error:")
        return
    if changed.temporary_password:
        st.session_state[_SHOWN_ONCE] = (
            t("admin.password_once", name=plain(changed.name)),
            changed.temporary_password,
        )
    st.rerun()


def _confirm_removal(user: UserReply) -> None:
    @st.dialog(t("admin.remove_title", name=plain(user.name)))
    def confirm() -> None:
        st.markdown(t("admin.remove_text"))
        heir = choose_user(
            t("admin.remove_heir"), key=f"admin-heir-{user.user_id}", without={user.user_id}
        )
        if st.button(t("admin.do_remove"), type="primary", key="admin-remove"):
            try:
                lectern().users.delete(user.user_id, transfer_to=heir.id if heir else "")
            except LecternError as error:
                st.error(error_text(error))
                return
            st.rerun()

    confirm()


def _new_user() -> None:
    with st.form("admin-new-user", border=False, clear_on_submit=True):
        name = st.text_input(t("admin.user_name"), max_chars=100)
        display_name = st.text_input(t("settings.display_name"), max_chars=100)
        is_admin = st.checkbox(t("admin.is_admin"))
        made = st.form_submit_button(t("admin.user_make"), type="primary")
    if made and name.strip():
        try:
            user = lectern().users.create(
                UserRequest(name=name.strip(), display_name=display_name, is_admin=is_admin)
            )
        except LecternError as error:
            st.error(error_text(error))
            return
        if user.temporary_password:
            st.session_state[_SHOWN_ONCE] = (
                t("admin.password_once", name=plain(user.name)),
                user.temporary_password,
            )
        st.rerun()


@st.fragment(key="admin-invitations")
def invitations() -> None:
    """List invitations, make new ones, withdraw old ones."""
    show_once()
    st.caption(t("admin.invitations_text"))
    with st.popover(t("admin.invite"), icon=":material/mail:", type="primary"):
        _new_invitation()
    found = lectern().invitations.list()
    if not found:
        st.markdown(f":gray[{t('admin.invitations_none')}]")
    for invitation in found:
        _invitation_row(invitation)


def _new_invitation() -> None:
    collections = lectern().collections.list()
    with st.form("admin-invitation", border=False, clear_on_submit=True):
        email = st.text_input(t("settings.email"), max_chars=254, help=t("admin.invite_email_help"))
        is_admin = st.checkbox(t("admin.is_admin"))
        shared = st.multiselect(
            t("admin.invite_collections"),
            collections,
            format_func=lambda collection: collection.name,
            placeholder=t("admin.invite_collections_none"),
        )
        days = st.slider(t("admin.invite_days"), 1, 30, 7)
        made = st.form_submit_button(t("admin.invite_make"), type="primary")
    if not made:
        return
    grants = [InvitationGrant(collection=collection.collection_id) for collection in shared]
    try:
        invitation = lectern().invitations.create(
            InvitationRequest(email=email, is_admin=is_admin, grants=grants, expires_in_days=days)
        )
    except LecternError as error:
        st.error(error_text(error))
        return
    except ValueError:  # the request itself: everything else in it was chosen from what there is
        st.error(t("settings.email_wrong"))
        return
    st.session_state[_SHOWN_ONCE] = (
        t("admin.invite_once", count=days),
        f"{_origin()}/invite/{invitation.secret}",
    )
    st.rerun()


def _invitation_row(invitation: InvitationReply) -> None:
    with st.container(
        key=f"invitation-{invitation.invitation_id}",
        border=True,
        horizontal=True,
        vertical_alignment="center",
    ):
        with st.container(gap=None):
            st.text(invitation.email or t("admin.invite_anybody"))
            st.caption(t("admin.invite_expires", day=day(invitation.expires_at)))
        if invitation.accepted_at:
            st.badge(t("admin.invite_accepted"), color="green")
        elif st.button(
            t("admin.invite_withdraw"),
            key=f"withdraw-{invitation.invitation_id}",
            type="tertiary",
            width="content",
        ):
            lectern().invitations.withdraw(invitation.invitation_id)
            st.rerun()


def show_once() -> None:
    """Show a secret that was just made; it leaves the session when it is closed."""
    shown = st.session_state.get(_SHOWN_ONCE)
    if not shown:
        return
    explanation, secret = shown
    with st.container(key="shown-once", border=True):
        st.markdown(explanation)
        st.code(secret, language=None)
        if st.button(t("settings.key_noted"), key="admin-noted"):
            del st.session_state[_SHOWN_ONCE]
            st.rerun()


def _origin() -> str:
    """Return how the reader reaches this server."""
    address = str(st.context.url or "")
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if rest else ""


def _code(text: str) -> str:
    return f"`{text.replace('`', '')}`" if text else ""
