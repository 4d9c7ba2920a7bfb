"""Which keys a store accepts: those that mean the same in a folder, in S3 and in a URL."""

from lectern.errors import InvalidRequest

KEY_MAX_BYTES = 1024
"""S3's limit for a key, the store's own prefix included (S3 user guide, "Object key names")."""
COMPONENT_MAX_BYTES = 255
"""The limit of one file name on every common file system."""
INCOMING = ".lectern-incoming"
"""First component of no key: where a folder store keeps files that are being written."""


def check_key(key: str) -> str:
    """Return `key` unchanged if every store can hold it.

    Raises:
        InvalidRequest: It is empty, absolute, too long, or has a component that is empty, ".",
            "..", or holds a backslash or a control character.
    """
    reason = _objection(key)
    if reason:
        raise InvalidRequest(f"the key {key[:200]!r} {reason}", code="invalid_key")
    return key


def is_key(key: str) -> bool:
    """Return whether `check_key` accepts `key`."""
    return not _objection(key)


def check_prefix(prefix: str) -> str:
    """Return `prefix` unchanged if some key could start with it.

    Raises:
        InvalidRequest: No key can.
    """
    folder, slash, start = prefix.rpartition("/")
    if reason := (slash and _objection(folder)) or _objection(f"{start}a"):
        raise InvalidRequest(f"the prefix {prefix[:200]!r} {reason}", code="invalid_key")
    return prefix


def check_folder_prefix(prefix: str) -> str:
    """Return `prefix` unchanged if it covers whole folders.

    Raises:
        InvalidRequest: It is empty or does not end in "/", or no key can start with it.
    """
    if not prefix.endswith("/"):
        raise InvalidRequest(f"the prefix {prefix[:200]!r} must end in '/'", code="invalid_key")
    return check_prefix(prefix)


def _objection(key: str) -> str:
    try:
        encoded = key.encode()
    except UnicodeEncodeError:
        return "is not valid Unicode"
    if len(encoded) > KEY_MAX_BYTES:
        return f"is longer than {KEY_MAX_BYTES} bytes"
    if "\\" in key or any(character < " " or character == "\x7f" for character in key):
        return "holds a backslash or a control character"
    return _component_objection(key.split("/"))


def _component_objection(components: list[str]) -> str:
    if components[0] == INCOMING:
        return "is reserved"
    for component in components:
        if component in {"", ".", ".."}:
            return "has an empty, '.' or '..' component"
        if len(component.encode()) > COMPONENT_MAX_BYTES:
            return f"has a component longer than {COMPONENT_MAX_BYTES} bytes"
    return ""
