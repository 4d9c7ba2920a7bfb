"""The caller and the caller's API keys."""

from datetime import UTC, datetime, timedelta

from functions.catalog.replies import api_key
from functions.catalog.service import api, caller
from lectern.api import ApiKey, ApiKeyList, ApiKeyRequest, Me
from lectern.serving.http import read_body


@api.route("GET", "/v1/me", reply=Me)
def get_me() -> Me:
    """Say who is calling."""
    user = caller().user
    return Me(user_id=user.user_id, name=user.name, is_admin=user.is_admin)


@api.route("GET", "/v1/api-keys", reply=ApiKeyList)
def list_api_keys() -> ApiKeyList:
    """List the caller's API keys, newest first, without their secrets."""
    access = caller()
    tokens = access.catalog.people.tokens(access.user.user_id)
    return ApiKeyList(api_keys=[api_key(token) for token in tokens])


@api.route("POST", "/v1/api-keys", body=ApiKeyRequest, reply=ApiKey, status=201)
def create_api_key() -> ApiKey:
    """Create an API key with the caller's rights; its secret is shown this once."""
    access = caller()
    asked = read_body(ApiKeyRequest)
    expires_at = None
    if asked.expires_in_days is not None:
        expires_at = datetime.now(UTC) + timedelta(days=asked.expires_in_days)
    token, secret = access.catalog.people.create_token(
        access.user.user_id, asked.label, expires_at=expires_at
    )
    return api_key(token, secret=secret)


@api.route("DELETE", "/v1/api-keys/<key_id>", status=204)
def revoke_api_key(key_id: str) -> None:
    """Make a key of the caller's useless at once; an unknown one is no error."""
    access = caller()
    access.catalog.people.revoke_token(access.user.user_id, key_id)
