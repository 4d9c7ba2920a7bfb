"""Text that crosses the border, in either direction: only what a person can see."""

import html
import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit, urlunsplit

_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_LONGEST_URL = 2000
_UNSAFE_IN_URL = re.compile(r"[^!#%&'*+,\-./0-9:;=?@A-Z\[\]_a-z~]")


def visible(text: str) -> str:
    """Return `text` on one line without characters that nobody sees: they smuggle, both ways."""
    kept = (
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in _INVISIBLE
    )
    return " ".join("".join(kept).split())


def visible_values(value: Any) -> Any:
    """Return JSON in which every text, also the names of fields, is `visible`."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [visible_values(each) for each in value]
    if isinstance(value, dict):
        return {visible(str(name)): visible_values(each) for name, each in value.items()}
    return value


def readable(text: str, longest: int) -> str:
    """Return what came from outside as text: lines kept, no markup, nothing that nobody sees."""
    without_tags = html.unescape(_TAG.sub("", text))
    lines = (visible(line) for line in without_tags[: longest * 4].splitlines())
    shown = "\n".join(line for line in lines if line)
    return shown if len(shown) <= longest else f"{shown[:longest].rstrip()} …"


def web_address(url: str) -> str:
    """Return an http(s) address that can stand in a page as it is, or "" for any other."""
    try:
        parts = urlsplit(url.strip())
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            return ""
        port = f":{parts.port}" if parts.port else ""
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        netloc = host.encode("idna").decode("ascii") + port
    except (ValueError, UnicodeError):
        return ""
    address = _UNSAFE_IN_URL.sub(_percent_encoded, urlunsplit(parts._replace(netloc=netloc)))
    return address if len(address) <= _LONGEST_URL else ""


def _percent_encoded(character: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in character[0].encode(errors="replace"))
