"""ID tokens: what has to hold before one is believed (OpenID Connect Core 1.0, section 3.1.3.7)."""

import time
from collections.abc import Mapping
from typing import Any

from lectern.errors import Unauthorized

_ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
)  # fmt: skip
"""Signatures with a public key. Neither `none` nor HS256, for which a client secret is the key."""

_KEY_TYPES = frozenset({"RSA", "EC"})
_LEEWAY_S = 60
_SUBJECT_MAX = 255


class UnknownKey(Unauthorized):
    """The token names a key that is not in the set; the provider may have a new one."""

    default_code = "oidc_invalid_token"


def validated_claims(
    id_token: str,
    key_set: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str,
) -> Mapping[str, Any]:
    """Return the claims of a token that this provider made for us, now, in answer to `nonce`.

    Raises:
        UnknownKey: Its key is not in the set.
        Unauthorized: Anything else about it is wrong; the detail does not say what.
    """
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError

    try:
        token = jwt.decode(id_token, _usable(key_set), algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": issuer},
                "aud": {"essential": True, "value": client_id},
                "nonce": {"essential": True, "value": nonce},
            },
            {"client_id": client_id, "nonce": nonce, "access_token": access_token},
        )
        claims.validate(now=int(time.time()), leeway=_LEEWAY_S)
    except InvalidKeyIdError as error:
        raise UnknownKey("the provider's token has an unknown key; begin again") from error
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unauthorized(
            "the provider's token proves nothing; begin again", code="oidc_invalid_token"
        ) from error
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_MAX:
        raise Unauthorized("the provider's token names nobody", code="oidc_invalid_token")
    return dict(claims)


def _usable(key_set: Mapping[str, Any]) -> Any:
    """Return the public signature keys of a set; one that cannot be read spoils no other."""
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet, import_key

    keys = []
    for described in key_set.get("keys", []):
        if not isinstance(described, dict) or described.get("kty") not in _KEY_TYPES:
            continue
        if described.get("use", "sig") != "sig":
            continue
        try:
            keys.append(import_key(described))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return KeySet(keys)
