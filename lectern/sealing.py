"""Sealing what people entrust to the catalog: keys of outside services, encrypted at rest.

Fernet (AES-128-CBC, HMAC-SHA256) under a key that HKDF-SHA256 derives from LECTERN_SECRETS_KEY.
Several secrets, separated by commas, make a rotation: the first seals, all of them open.
"""

import base64
from functools import cached_property, partial
from typing import TYPE_CHECKING

from lectern.errors import PermanentError
from lectern.kept_secrets import kept_secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.fernet import MultiFernet

    from lectern.settings import Settings

_KEY_FILE = "secrets.key"
_PURPOSE = b"lectern sealed secrets 1"


class Seal:
    """Encrypts secrets; none of its methods logs or repeats one.

    Args:
        keys: Makes the keys of this installation, the one that seals first; called at the first
            use, for most processes never seal or open anything.
    """

    def __init__(self, keys: "Callable[[], MultiFernet]") -> None:
        self._keys = keys

    @cached_property
    def fernet(self) -> "MultiFernet":
        """The keys."""
        return self._keys()

    def close(self, secret: str) -> str:
        """Return `secret` encrypted; "" stays "", for there is nothing to hide."""
        return self.fernet.encrypt(secret.encode()).decode("ascii") if secret else ""

    def open(self, sealed: str) -> str:
        """Return what was sealed.

        Raises:
            PermanentError: It was sealed with another key (code `secret_unreadable`).
        """
        from cryptography.fernet import InvalidToken

        try:
            return self.fernet.decrypt(sealed.encode()).decode() if sealed else ""
        except InvalidToken as error:
            raise _unreadable() from error

    def renew(self, sealed: str) -> str:
        """Return the same secret sealed with the first key; raises as `open`."""
        from cryptography.fernet import InvalidToken

        try:
            return self.fernet.rotate(sealed.encode()).decode("ascii")
        except InvalidToken as error:
            raise _unreadable() from error


def seal_of(settings: "Settings") -> Seal:
    """Return the seal of this installation; without a setting, its key is made once in home."""
    return Seal(partial(_keys_of, settings))


def _keys_of(settings: "Settings") -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet

    configured = settings.secrets_key.get_secret_value().split(",")
    secrets = [secret.strip().encode() for secret in configured if secret.strip()]
    secrets = secrets or [kept_secret(settings.home / _KEY_FILE)]
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
    return base64.urlsafe_b64encode(key)


def _unreadable() -> PermanentError:
    return PermanentError(
        "a stored key cannot be read: it was sealed with another LECTERN_SECRETS_KEY; name the "
        "former one after the new one, or enter the key again",
        code="secret_unreadable",
    )
