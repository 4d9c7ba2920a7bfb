"""Passwords: which are good enough, how they are hashed, how they are checked.

Rules go by length and by a list of the commonest, not by kinds of characters (NIST SP 800-63B).
Argon2id with 32 MiB and three passes takes 80 ms on a 2-core machine of 2024; its memory is bounded
by how many are computed at once.
"""

import functools
import secrets
import threading
import unicodedata
from typing import TYPE_CHECKING

from lectern.common_passwords import COMMON
from lectern.errors import InvalidRequest

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_LENGTH = 10
MAX_LENGTH = 256

_PASSES = 3
_MEMORY_KIB = 32 * 1024
_AT_ONCE = threading.BoundedSemaphore(4)
_FEWEST_DISTINCT = 4


def require_good(password: str, *, name: str = "") -> None:
    """Return if `password` may be chosen by the user called `name`.

    Raises:
        InvalidRequest: With code `weak_password`; it says why.
    """
    text = _normal(password)
    folded = text.casefold()
    if len(text) < MIN_LENGTH:
        raise _weak(f"a password needs at least {MIN_LENGTH} characters")
    if len(text) > MAX_LENGTH:
        raise _weak(f"a password has at most {MAX_LENGTH} characters")
    if folded in COMMON or len(set(folded)) < _FEWEST_DISTINCT:
        raise _weak("this password is one of the first that others would guess; choose another")
    if name and folded in {_normal(name).casefold() * times for times in (1, 2)}:
        raise _weak("a password must not be the name it belongs to")


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password, with its parameters and a fresh salt."""
    with _AT_ONCE:
        return _hasher().hash(_normal(password))


def verify(password: str, password_hash: str) -> bool:
    """Return whether `password` has this hash.

    An empty hash (an unknown name, an account without a password) takes as long as any other.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    nobodys = _nobodys_hash()  # computed by whichever check comes first, so that none is slower
    against = password_hash or nobodys
    with _AT_ONCE:
        try:
            matches = _hasher().verify(against, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return matches and bool(password_hash)


def is_outdated(password_hash: str) -> bool:
    """Return whether the hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(password_hash)


def temporary_password() -> str:
    """Return a password that a person can type: 16 characters without look-alikes, 79 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


@functools.cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=1)


@functools.cache
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_hex(16))


def _normal(password: str) -> str:
    """Return one form for what keyboards may compose differently (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password.encode(errors="replace").decode())


def _weak(why: str) -> InvalidRequest:
    return InvalidRequest(why, code="weak_password")
