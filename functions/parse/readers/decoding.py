"""Bytes of unknown encoding as text.

Order: byte order mark, ISO-2022 escapes, strict UTF-8, UTF-16/32 by their NULs, the declared
charset, then charset-normalizer on a sample, corrected where it was measured to err on short
texts: EUC-JP and GB 18030 taken for CP949, Big5 taken for UTF-16, Western Latin for Central.
"""

import codecs
import re
import unicodedata
from pathlib import Path

from lectern.errors import TooLarge, UnreadableDocument

MAX_TEXT_BYTES = 128 * 1024 * 1024
"""Larger files are logs or databases; decoded they would take all of the reader's memory."""

_SAMPLE_BYTES = 64 * 1024
_ASCII = bytes(range(128))
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_LEGACY = (
    "cp949", "cp932", "euc_jp", "gb18030", "big5", "cp1252", "cp1250", "cp1251", "cp1253",
    "cp1254", "cp1255", "cp1256", "cp874", "koi8_r", "mac_roman",
)  # fmt: skip
_WESTERN = re.compile("[\x00-\x7f\xa0-\xff€–—‘’“”„‚…•™Œœ†‡‰‹›ŠšŽžŸ]*")  # noqa: RUF001
_WESTERN_LETTERS = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüßÀÁÂÄÅÆÇÈÉÊÑÓÔÖØÙÜœŒ–—‘’“”„…€°«»")  # noqa: RUF001
_HANGUL = re.compile("[\uac00-\ud7a3]")
_KANA = re.compile("[\u3041-\u30ff]")
_HALF_WIDTH_KANA = re.compile("[\uff61-\uff9f]")
_IDEOGRAPH = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


def read_limited(path: Path) -> bytes:
    """Return the bytes of a text file.

    Raises:
        TooLarge: It has more than `MAX_TEXT_BYTES`.
    """
    size = path.stat().st_size
    if size > MAX_TEXT_BYTES:
        raise TooLarge(
            f"the text has {size >> 20} MiB, at most {MAX_TEXT_BYTES >> 20} are read; split it"
        )
    return path.read_bytes()


def decode(data: bytes, declared: str | None = None) -> str:
    """Return `data` as text, undecodable bytes as U+FFFD once an encoding was found.

    Args:
        data: The whole file.
        declared: A charset named by a header, a meta element or a mail part, if any.

    Raises:
        UnreadableDocument: No encoding fits (code `unsupported`).
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    found = _encoding_of(data, declared)
    if found is None:
        raise UnreadableDocument(
            "no text encoding fits this file; save it as UTF-8 and upload it again",
            code="unsupported",
        )
    return data.decode(found, errors="replace")


def looks_like_text(sample: bytes) -> bool:
    """Whether the beginning of a file is text in some encoding that `decode` would find."""
    if any(sample.startswith(mark) for mark, _ in _MARKS):
        return True
    if b"\0" in sample:
        return _wide_encoding(sample) is not None
    odd = sum(sample.count(byte) for byte in (*range(1, 9), *range(14, 27), *range(28, 32), 127))
    return odd * 100 <= len(sample)


def _encoding_of(data: bytes, declared: str | None) -> str | None:
    if b"\x1b$" in data and b"\0" not in data and data.isascii():
        return "iso2022_kr" if b"\x1b$)C" in data else "iso2022_jp_2"
    if b"\0" in data:
        return _wide_encoding(data[:_SAMPLE_BYTES])
    if _decodes(data, "utf-8") or _is_damaged_utf8(data):
        return "utf-8"
    if declared and _known(declared) and _decodes(data, declared):
        return declared
    return _legacy_encoding(_cut_at_line(data))


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether most of what is beyond ASCII is UTF-8: a few bytes of it are broken or cut off."""
    text = data.decode(errors="replace")
    beyond = len(text) - (len(data) - len(data.translate(None, _ASCII)))
    return text.count("\ufffd") < 0.2 * beyond


def _wide_encoding(sample: bytes) -> str | None:
    """Return the UTF-16 or UTF-32 form whose characters look most like writing, if one does."""
    best, best_share = None, 0.9
    for encoding in _WIDE:
        unit = 4 if "32" in encoding else 2
        try:
            text = sample[: len(sample) // unit * unit].decode(encoding)
        except UnicodeDecodeError:
            continue
        share = sum(_is_writing(c) for c in text) / max(len(text), 1)
        if share > best_share:
            best, best_share = encoding, share
    return best


def _is_writing(character: str) -> bool:
    if character in "\n\r\t ":
        return True
    code = ord(character)
    if code < 0x3000:  # noqa: PLR2004 - alphabets: below the CJK blocks
        return 0x20 < code < 0x2E80 and unicodedata.category(character)[0] in "LMNPS"  # noqa: PLR2004
    # A NUL or space byte paired with a letter gives the rare blocks: only the common ones count.
    in_common_block = 0x3000 <= code < 0x3200 or 0x4E00 <= code < 0xA000 or 0xAC00 <= code < 0xD7A4  # noqa: PLR2004
    return (in_common_block and code & 0xFF != 0) or 0xFF00 < code < 0xFFF0 or code > 0x1F000  # noqa: PLR2004


def _legacy_encoding(sample: bytes) -> str | None:
    korean = _decoded(sample, "cp949")
    japanese = _decoded(sample, "euc_jp")
    if japanese and _share(_KANA, japanese) > 0.2:  # noqa: PLR2004 - no other charset gives kana here
        return "euc_jp"
    if korean and _is_korean(korean):
        return "cp949"
    from charset_normalizer import from_bytes

    found = from_bytes(sample, cp_isolation=list(_LEGACY), preemptive_behaviour=False).best()
    encoding = found.encoding if found else None
    if encoding == "cp949" and _decodes(sample, "gb18030"):
        encoding = "gb18030"
    if encoding == "cp932" and _share(_HALF_WIDTH_KANA, sample.decode("cp932")) > 0.3:  # noqa: PLR2004
        encoding = "big5" if _decodes(sample, "big5") else encoding
    western = _decoded(sample, "cp1252")
    if western and _WESTERN.fullmatch(western) and _is_western(western):
        return "cp1252"
    return encoding or ("cp1252" if western else None)


def _is_korean(text: str) -> bool:
    """Whether a text is Hangul of everyday use (KS X 1001), with few Hanja and Korean commas.

    Shift_JIS read as CP949 gives the rare syllables, GB 18030 a mixture with Hanja.
    """
    everyday = sum(_is_everyday(c) for c in text if _HANGUL.match(c))
    beyond = sum(not c.isascii() for c in text)
    return everyday > 0.6 * beyond and _share(_IDEOGRAPH, text) < 0.2 and "\uff0c" not in text  # noqa: PLR2004


def _is_everyday(syllable: str) -> bool:
    try:
        return len(syllable.encode("euc_kr")) == 2  # noqa: PLR2004 - others take eight bytes
    except UnicodeEncodeError:
        return False


def _is_western(text: str) -> bool:
    """Whether most characters beyond ASCII are letters Western languages use, amid ASCII ones."""
    beyond = [c for c in text if not c.isascii()]
    letters = sum(c.isalpha() and c.isascii() for c in text)
    return bool(beyond) and (
        sum(c in _WESTERN_LETTERS for c in beyond) >= 0.9 * len(beyond)
        and len(beyond) < 0.4 * max(letters, 1)
    )


def _share(pattern: re.Pattern[str], text: str) -> float:
    beyond = sum(not c.isascii() for c in text)
    return len(pattern.findall(text)) / max(beyond, 1)


def _cut_at_line(data: bytes) -> bytes:
    """Return a sample that ends at a line break, so that no character is cut in two."""
    if len(data) <= _SAMPLE_BYTES:
        return data
    sample = data[:_SAMPLE_BYTES]
    return sample[: sample.rfind(b"\n") + 1] or sample


def _known(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding)._is_text_encoding  # noqa: SLF001 - rot13 and base64 are none
    except (LookupError, ValueError):
        return False


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _decodes(data: bytes, encoding: str) -> bool:
    return _decoded(data, encoding) is not None
