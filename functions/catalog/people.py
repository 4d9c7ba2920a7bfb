"""The caller, their password and their API keys."""

from datetime import UTC, datetime, timedelta

from functions.catalog.account_replies import me_of
from functions.catalog.attempts import by_user
from functions.catalog.replies import api_key
from functions.catalog.service import api, caller
from lectern.access import Access
from lectern.api import ApiKey, ApiKeyList, ApiKeyRequest, Me, MeChange, PasswordChange
from lectern.errors import Forbidden, InvalidRequest
from lectern.passwords import hash_password, require_good, verify
from lectern.serving.http import read_body


@api.route("GET", "/v1/me", reply=Me)
def get_me() -> Me:
    """Say who is calling."""
    return me_of(caller("read", with_temporary_password=True))


@api.route("PATCH", "/v1/me", body=MeChange, reply=Me)
def change_me() -> Me:
    """Change what the caller says about themselves; an e-mail counts as unverified then."""
    access = caller()
    asked = read_body(MeChange)
    access.catalog.accounts.change(
        access.user.user_id,
        display_name=asked.display_name,
        email=asked.email,
        language=asked.language,
    )
    access.record("profile.changed", access.user.user_id, fields=_given(asked))
    return me_of(access)


@api.route("POST", "/v1/me/password", body=PasswordChange, reply=Me)
def change_password() -> Me:
    """Change the caller's password; every other session of theirs ends."""
    access = caller("write", with_temporary_password=True)
    asked = read_body(PasswordChange)
    _require_current_password(access, asked.current)
    require_good(asked.new, name=access.user.name)
    if asked.new == asked.current:
        raise InvalidRequest("the new password is the current one", code="weak_password")
    access.catalog.accounts.set_password(
        access.user.user_id,
        hash_password(asked.new),
        keep_session=access.principal.session_id if access.principal else "",
    )
    access.record("password.changed", access.user.user_id)
    return me_of(access)


@api.route("GET", "/v1/api-keys", reply=ApiKeyList)
def list_api_keys() -> ApiKeyList:
    """List the caller's API keys, newest first, without their secrets."""
    access = caller()
    tokens = access.catalog.people.tokens(access.user.user_id)
    return ApiKeyList(api_keys=[api_key(token) for token in tokens])


@api.route("POST", "/v1/api-keys", body=ApiKeyRequest, reply=ApiKey, status=201)
def create_api_key() -> ApiKey:
    """Create an API key of the caller's; its secret is shown this once.

    It can do no more than the token it is asked for with, and outlives no key.
    """
    access = caller()
    asked = read_body(ApiKeyRequest)
    if not access.scopes.issuperset(asked.scopes):
        raise Forbidden("a key cannot make one that may do more", code="insufficient_scope")
    if "admin" in asked.scopes and not access.user.is_admin:
        raise Forbidden("only an administrator's key can have the scope 'admin'")
    token, secret = access.catalog.people.create_token(
        access.user.user_id,
        asked.label,
        expires_at=_end_of_key(access, asked.expires_in_days),
        scopes=asked.scopes,
    )
    access.record("api_key.created", token.token_id, scopes=" ".join(token.scopes))
    return api_key(token, secret=secret)


@api.route("DELETE", "/v1/api-keys/<key_id>", status=204)
def revoke_api_key(key_id: str) -> None:
    """Make a key of the caller's useless at once; an unknown one is no error."""
    access = caller()
    access.catalog.people.revoke_token(access.user.user_id, key_id)
    access.record("api_key.revoked", key_id)


def _require_current_password(access: Access, current: str) -> None:
    """Return if `current` is right; without a password yet, an unrestricted token is enough."""
    credential = access.catalog.accounts.credential(access.user.name)
    if credential is None or not credential.password_hash:
        access.require_every_scope()
        return
    limit = by_user(access.user.user_id)
    access.catalog.sign_in_limits.admit(limit)
    if not verify(current, credential.password_hash):
        raise Forbidden("the current password is wrong", code="wrong_password")
    access.catalog.sign_in_limits.succeeded(limit)


def _end_of_key(access: Access, days: int | None) -> datetime | None:
    asked = datetime.now(UTC) + timedelta(days=days) if days is not None else None
    parents = access.principal.expires_at if access.principal and access.principal.key_id else None
    return min((end for end in (asked, parents) if end is not None), default=None)


def _given(change: MeChange) -> str:
    return " ".join(sorted(change.model_fields_set))
