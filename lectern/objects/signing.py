"""Signed, expiring links to objects of a store that cannot sign its own: the folder.

A link names one key, one method and the second it expires; HMAC-SHA256 over all of it makes it
worthless for anything else. The catalog function serves what `verify` lets through.
"""

import hashlib
import hmac
import re
import time
from typing import Literal
from urllib.parse import quote, urlencode

from lectern.errors import Forbidden
from lectern.kept_secrets import kept_secret
from lectern.settings import Settings

Method = Literal["GET", "PUT"]

_METHODS: dict[str, Method] = {"GET": "GET", "PUT": "PUT"}
_UNIX_TIME = re.compile(r"[1-9][0-9]{0,11}")
_KEY_FILE = "signing.key"


def sign(key: str, method: Method, expires_at: int, secret: bytes, *, file_name: str = "") -> str:
    """Return the signature, 64 hexadecimal digits.

    Args:
        key: Key of the object.
        method: What the link allows.
        expires_at: Unix time in seconds from which on the link is void.
        secret: See `signing_secret`.
        file_name: Name under which a download is saved; a holder of the link cannot change it.
    """
    message = f"{method}\0{expires_at}\0{key}\0{file_name}".encode(errors="surrogatepass")
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def verify(
    key: str, method: str, expires_at: str, signature: str, secret: bytes, *, file_name: str = ""
) -> None:
    """Return if the link allows `method` on `key` now; its parts are taken as they came.

    Raises:
        Forbidden: The link was changed, is for something else, or has expired.
    """
    if method not in _METHODS or not _UNIX_TIME.fullmatch(expires_at):
        raise Forbidden("the link is damaged; ask for a new one", code="bad_link")
    expected = sign(key, _METHODS[method], int(expires_at), secret, file_name=file_name)
    if not hmac.compare_digest(expected.encode(), signature.encode(errors="replace")):
        raise Forbidden("the link is damaged or for something else", code="bad_link")
    if int(expires_at) <= time.time():
        raise Forbidden("the link has expired; ask for a new one", code="link_expired")


def signed_url(
    base_url: str, key: str, method: Method, *, expires_s: int, secret: bytes, file_name: str = ""
) -> str:
    """Return the link under `base_url`, the address of the catalog function as people see it."""
    expires_at = int(time.time()) + expires_s
    query = {
        "method": method,
        "expires": str(expires_at),
        "signature": sign(key, method, expires_at, secret, file_name=file_name),
    }
    if file_name:
        query["file_name"] = file_name
    return f"{base_url.rstrip('/')}/v1/objects/{quote(key)}?{urlencode(query)}"


def signing_secret(settings: Settings) -> bytes:
    """Return the configured key, or this machine's own, made once with mode 0600.

    Safe to call at once from many processes: all get the same key.
    """
    configured = settings.signing_key.get_secret_value()
    if configured:
        return configured.encode()
    return kept_secret(settings.home / _KEY_FILE)
