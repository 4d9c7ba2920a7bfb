"""Text as the catalog stores and compares it."""

import unicodedata


def storable(text: str) -> str:
    """Return `text` with what PostgreSQL or UTF-8 cannot hold (NUL, lone surrogates) replaced."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def composed(name: str) -> str:
    """Return `name` on one line in Unicode NFC, so that equal-looking names are equal."""
    name = unicodedata.normalize("NFC", storable(name)).strip()
    return "".join("\ufffd" if unicodedata.category(c) == "Cc" else c for c in name)


def folded(name: str) -> str:
    """Return the form of `name` in which case and compatibility forms do not matter."""
    return unicodedata.normalize("NFKC", composed(name)).casefold()
