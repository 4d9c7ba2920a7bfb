"""Who may read or edit a collection: people, groups, everyone, and its owner."""

from collections.abc import Callable, Sequence

import streamlit as st

from lectern.api import CollectionReply, GrantReply, GrantRequest
from lectern.api.sharing import GrantRole
from lectern.errors import LecternError
from web.language import t
from web.parts.citations import plain
from web.parts.people_search import called, find_people
from web.parts.said import error_text
from web.session import lectern

_ROLES: tuple[GrantRole, ...] = ("viewer", "editor")
_ICONS = {"user": ":material/person:", "group": ":material/group:", "everyone": ":material/public:"}


def share(collection: CollectionReply, close: Callable[[], None]) -> None:
    """Open the dialog; editors see who has access, the owner changes it."""

    @st.dialog(t("library.share_of", name=plain(collection.name)), width="medium", on_dismiss=close)
    def dialog() -> None:
        grants = lectern().collections.grants(collection.collection_id)
        owner = collection.role == "owner"
        if owner:
            _add(collection, grants)
        st.markdown(f"**{t('library.who_has_access')}**")
        if not grants:
            st.caption(t("library.only_owner"))
        for number, grant in enumerate(grants):
            _row(collection, grants, number, grant, owner=owner)
        if not owner:
            st.caption(t("library.owner_changes"))
        else:
            _transfer(collection, close)

    dialog()


def grants_with(grants: Sequence[GrantReply], new: GrantRequest) -> Sequence[GrantRequest]:
    """Return the rights with one more, which replaces what its grantee had."""
    kept = [_request(each) for each in grants if (each.kind, each.id) != (new.kind, new.id)]
    return [*kept, new]


def grants_without(grants: Sequence[GrantReply], gone: GrantReply) -> Sequence[GrantRequest]:
    """Return the rights without one."""
    return [_request(each) for each in grants if (each.kind, each.id) != (gone.kind, gone.id)]


def _add(collection: CollectionReply, grants: Sequence[GrantReply]) -> None:
    who_column, role_column = st.columns([5, 3])
    role = role_column.selectbox(
        t("library.role"), _ROLES, format_func=_role_text, key="library-share-role"
    )
    with who_column:
        known = {collection.owner_id, *(grant.id for grant in grants)}
        people = find_people(t("library.share_with"), key="library-share-who", without=known)
    with st.container(horizontal=True, key="library-share-found"):
        if not any(grant.kind == "everyone" for grant in grants):
            _adder(
                collection, grants, GrantRequest(kind="everyone", role=role), t("library.everyone")
            )
        for person in people:
            request = GrantRequest(kind=person.kind, id=person.id, role=role)
            _adder(collection, grants, request, called(person, people))


def _adder(
    collection: CollectionReply, grants: Sequence[GrantReply], new: GrantRequest, name: str
) -> None:
    added = st.button(
        name,
        icon=_ICONS[new.kind],
        key=f"library-give-{new.kind}-{new.id}",
    )
    if added:
        _set(collection, grants_with(grants, new))


def _row(
    collection: CollectionReply,
    grants: Sequence[GrantReply],
    number: int,
    grant: GrantReply,
    *,
    owner: bool,
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"library-grant-{number}"):
        name = grant.name or t("library.everyone")
        st.markdown(f"{_ICONS[grant.kind]} {plain(name)}", width="stretch")
        if not owner:
            st.caption(_role_text(grant.role))
            return
        role = st.selectbox(
            t("library.role_of", name=plain(name)),
            _ROLES,
            index=_ROLES.index(grant.role),
            format_func=_role_text,
            label_visibility="collapsed",
            width=140,
            key=f"library-role-{grant.kind}-{grant.id}",
        )
        if role != grant.role:
            changed = GrantRequest(kind=grant.kind, id=grant.id, role=role)
            _set(collection, grants_with(grants, changed))
        if st.button(
            "",
            icon=":material/close:",
            type="tertiary",
            help=t("library.remove_access", name=plain(name)),
            key=f"library-revoke-{grant.kind}-{grant.id}",
        ):
            _set(collection, grants_without(grants, grant))


def _transfer(collection: CollectionReply, close: Callable[[], None]) -> None:
    with st.expander(t("library.transfer"), icon=":material/swap_horiz:"):
        st.caption(t("library.transfer_text"))
        found = find_people(
            t("library.new_owner"), key="library-heir-name", without={collection.owner_id}
        )
        people = [each for each in found if each.kind == "user"]
        heir = st.pills(
            t("library.new_owner"),
            people,
            format_func=lambda each: called(each, people),
            label_visibility="collapsed",
            key="library-heir",
        )
        asked = st.button(t("library.transfer_now"), disabled=heir is None, key="library-transfer")
        if asked and heir is not None:
            try:
                lectern().collections.transfer(collection.collection_id, heir.id)
            except LecternError as error:
                st.error(error_text(error))
                return
            close()
            st.rerun()


def _set(collection: CollectionReply, grants: Sequence[GrantRequest]) -> None:
    try:
        lectern().collections.share(collection.collection_id, grants)
    except LecternError as error:
        st.error(error_text(error))
        return
    st.rerun(scope="fragment")


def _request(grant: GrantReply) -> GrantRequest:
    return GrantRequest(kind=grant.kind, id=grant.id, role=grant.role)


def _role_text(role: GrantRole) -> str:
    return t(f"library.role_{role}")
