"""Users, for administrators."""

from functions.catalog.account_replies import user_reply
from functions.catalog.attempts import by_name, by_user
from functions.catalog.replies import api_key
from functions.catalog.service import administrator, api
from lectern.api import (
    ApiKeyList,
    UserChange,
    UserDeletion,
    UserList,
    UserQuery,
    UserReply,
    UserRequest,
)
from lectern.errors import NotFound
from lectern.passwords import hash_password, temporary_password
from lectern.serving.http import read_body, read_query


@api.route("GET", "/v1/users", query=UserQuery, reply=UserList)
def list_users() -> UserList:
    """List users by name."""
    access = administrator()
    asked = read_query(UserQuery)
    found, cursor = access.catalog.accounts.list(
        query=asked.query, limit=asked.limit, cursor=asked.cursor
    )
    return UserList(users=[user_reply(account) for account in found], cursor=cursor)


@api.route("POST", "/v1/users", body=UserRequest, reply=UserReply, status=201)
def create_user() -> UserReply:
    """Create a user; the temporary password is shown this once."""
    access = administrator()
    asked = read_body(UserRequest)
    password = temporary_password() if asked.with_password else None
    account = access.catalog.accounts.create(
        asked.name,
        display_name=asked.display_name,
        email=asked.email,
        is_admin=asked.is_admin,
        password_hash=hash_password(password) if password else "",
    )
    access.record("user.created", account.user.user_id, is_admin=str(asked.is_admin).lower())
    return user_reply(account, temporary_password=password)


@api.route("PATCH", "/v1/users/<user_id>", body=UserChange, reply=UserReply)
def change_user(user_id: str) -> UserReply:
    """Change a user, disable them, or give them a temporary password."""
    access = administrator()
    asked = read_body(UserChange)
    accounts = access.catalog.accounts
    account = accounts.change(
        user_id,
        display_name=asked.display_name,
        email=asked.email,
        email_verified=bool(asked.email),
        is_admin=asked.is_admin,
        disabled=asked.disabled,
    )
    password = None
    if asked.reset_password:
        password = temporary_password()
        accounts.set_password(user_id, hash_password(password), temporary=True)
        account = accounts.get(user_id) or account
        for limit in (by_name(account.user.name), by_user(user_id)):
            access.catalog.sign_in_limits.succeeded(limit)  # whoever locked them out
    changed = {
        field: str(getattr(asked, field)).lower()
        for field in ("is_admin", "disabled", "reset_password")
        if field in asked.model_fields_set
    }
    access.record("user.changed", user_id, **changed)
    return user_reply(account, temporary_password=password)


@api.route("DELETE", "/v1/users/<user_id>", query=UserDeletion, status=204)
def delete_user(user_id: str) -> None:
    """Remove a user, their sessions, keys, conversations and grants.

    What they own goes to the user of `transfer_to`.
    """
    access = administrator()
    heir = read_query(UserDeletion).transfer_to
    access.catalog.accounts.delete(user_id, transfer_to=heir)
    access.record("user.deleted", user_id, **({"transfer_to": heir} if heir else {}))


@api.route("GET", "/v1/users/<user_id>/api-keys", reply=ApiKeyList)
def list_api_keys_of_user(user_id: str) -> ApiKeyList:
    """List somebody's API keys, newest first; their secrets are known to nobody."""
    access = administrator()
    if access.catalog.accounts.get(user_id) is None:
        raise NotFound(f"there is no user {user_id!r}")
    tokens = access.catalog.people.tokens(user_id)
    return ApiKeyList(api_keys=[api_key(token) for token in tokens])


@api.route("DELETE", "/v1/users/<user_id>/api-keys/<key_id>", status=204)
def revoke_api_key_of_user(user_id: str, key_id: str) -> None:
    """Make somebody's key useless at once, with its sessions; an unknown one is no error."""
    access = administrator()
    access.catalog.people.revoke_token(user_id, key_id)
    access.record("api_key.revoked", key_id, user=user_id)
