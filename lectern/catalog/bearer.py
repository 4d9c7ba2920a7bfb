"""Secrets that are shown once: how they are made, and the digest that is kept."""

import base64
import hashlib
import secrets

SESSION = "lcs_"
API_KEY = "lct_"
INVITATION = "lci_"

_SECRET_BYTES = 20  # 160 bits
_PREFIX_LENGTH = 10  # "lct_" and 30 bits: enough to recognise a key, too little to guess it


def new_secret(kind: str) -> str:
    """Return a fresh secret that begins with `kind`."""
    return kind + base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode().lower()


def digest(secret: str) -> str:
    """Return the SHA-256 of a secret, hexadecimal."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def shown_prefix(secret: str) -> str:
    """Return the beginning of a secret, by which its owner recognises it."""
    return secret[:_PREFIX_LENGTH]
