"""Text as Lectern passes it on: composed, without anything that is not meant to be read.

Beside control characters this drops what renders as nothing but reaches a model: tag characters
(U+E0000 block, used to smuggle instructions), bidirectional overrides, soft hyphens, byte order
marks. Joiners stay, Persian, Indic scripts and emoji need them.
"""

import re
import unicodedata

_BREAKS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_DATA_ADDRESS = re.compile(
    r"(data:[\w.+-]{1,64}/[\w.+-]{1,64})(?:;[\w.+=-]{1,64}){0,4};base64,[\w+/%=-]{16,}",
    re.ASCII | re.IGNORECASE,
)
_SPACES = re.compile(r"[^\S\n]+")
_EDGES = re.compile(r" *\n *")
_MANY_BREAKS = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    r"""Return `text` in NFC with "\n" as its only line break and no invisible characters."""
    text = _UNWANTED.sub("", _BREAKS.sub("\n", text))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def without_data(text: str) -> str:
    """Return `text` with only the type of `data:` addresses (RFC 2397): nobody reads base64."""
    return _DATA_ADDRESS.sub(r"\1", text)


def clean_prose(text: str) -> str:
    """Return `text` cleaned, runs of spaces as one, edges trimmed, at most one empty line."""
    text = _EDGES.sub("\n", _SPACES.sub(" ", clean(text)))
    return _MANY_BREAKS.sub("\n\n", text).strip()


def clean_line(text: str) -> str:
    """Return `text` cleaned and on one line: a heading, a caption, a table cell."""
    return " ".join(clean(text).split())
