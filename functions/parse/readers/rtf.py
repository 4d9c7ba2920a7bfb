"""Rich Text Format: its text, paragraphs and table rows; fonts, pictures and objects left out.

Control words after the RTF specification 1.9.1; everything unknown is skipped, nothing is run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from functions.parse.blocks import ReadPage
from functions.parse.readers.delimited import has_header
from functions.parse.readers.page_builder import PageBuilder
from lectern.errors import TooLarge

MAX_BYTES = 64 * 1024 * 1024
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_UNREAD = frozenset(
    b"fonttbl colortbl stylesheet info pict object header headerl headerr footer footerl footerr "
    b"fldinst themedata datastore listtable listoverridetable rsidtbl generator xmlnstbl "
    b"latentstyles colorschememapping bkmkstart bkmkend shpinst nonshppict".split()
)
_WORDS = {b"par": "\n\n", b"sect": "\n\n", b"page": "\n\n", b"line": "\n", b"tab": "\t",
          b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’",  # noqa: RUF001
          b"ldblquote": "“", b"rdblquote": "”"}  # fmt: skip
_CHARSETS = {128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5", 161: "cp1253",
             162: "cp1254", 177: "cp1255", 178: "cp1256", 204: "cp1251", 238: "cp1250"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Group:
    skipped: bool = False
    fallback_length: int = 1  # characters after \u that old programs show instead
    encoding: str = "cp1252"


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield one page. See `Reader`."""
    del first_page, last_page
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(f"RTF files of more than {MAX_BYTES >> 20} MiB are not read; save as .docx")
    reader = _RtfReader()
    reader.run(path.read_bytes())
    yield reader.page.page(1)


class _RtfReader:
    def __init__(self) -> None:
        self.page = PageBuilder()
        self._group = _Group()
        self._outer: list[_Group] = []
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._in_fonts = 0  # depth of the font table, 0 outside
        self._text: list[str] = []
        self._bytes = bytearray()
        self._to_skip = 0
        self._row: list[str] = []
        self._rows: list[list[str]] = []

    def run(self, data: bytes) -> None:
        for token in _TOKEN.finditer(data):
            word, number, code, symbol, brace, text = token.groups()
            if brace == b"{":
                self._flush_bytes()
                self._outer.append(self._group)
            elif brace == b"}":
                self._flush_bytes()
                self._group = self._outer.pop() if self._outer else _Group()
                if len(self._outer) < self._in_fonts:
                    self._in_fonts = 0
            elif word:
                self._word(word, int(number) if number else None)
            elif symbol:
                self._symbol(symbol)
            elif code or text:
                self._raw(bytes.fromhex(code.decode()) if code else text)
        self._flush_bytes()
        self._end_paragraph()
        self._end_table()

    def _word(self, word: bytes, number: int | None) -> None:
        if word != b"u":
            self._flush_bytes()
        if word == b"fonttbl":
            self._in_fonts = len(self._outer)
        if word in _UNREAD:
            self._group = replace(self._group, skipped=True)
        elif word == b"ansicpg" and number:
            self._group = replace(self._group, encoding=_known(f"cp{number}"))
        elif word == b"uc":
            self._group = replace(self._group, fallback_length=min(max(number or 0, 0), 16))
        elif word == b"f":
            self._font = number or 0
            if not self._in_fonts and self._font in self._fonts:
                self._group = replace(self._group, encoding=self._fonts[self._font])
        elif word == b"fcharset" and number in _CHARSETS and self._in_fonts:
            self._fonts[self._font] = _CHARSETS[number]
        elif not self._group.skipped:
            self._visible(word, number)

    def _visible(self, word: bytes, number: int | None) -> None:
        if word == b"u" and number is not None:
            self._flush_bytes()
            self._text.append(_utf16(number))
            self._to_skip = self._group.fallback_length
        elif word == b"cell":
            self._row.append("".join(self._text))
            self._text = []
        elif word == b"row":
            self._rows.append(self._row)
            self._row = []
        elif word in _WORDS:
            self._text.append(_WORDS[word])
            if word in {b"par", b"sect", b"page"} and not self._row:
                self._end_paragraph()

    def _symbol(self, symbol: bytes) -> None:
        self._flush_bytes()
        if symbol == b"*":
            self._group = replace(self._group, skipped=True)
        elif not self._group.skipped:
            self._text.append(
                {b"~": " ", b"_": "-", b"-": ""}.get(symbol, symbol.decode("latin-1"))
            )

    def _raw(self, data: bytes) -> None:
        if not self._group.skipped:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            self._bytes += data[skipped:]

    def _flush_bytes(self) -> None:
        if self._bytes:
            self._text.append(self._bytes.decode(self._group.encoding, errors="replace"))
            self._bytes = bytearray()

    def _end_paragraph(self) -> None:
        text, self._text = "".join(self._text), []
        if text.strip():
            self._end_table()
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            self.page.text(text)

    def _end_table(self) -> None:
        rows, self._rows = self._rows, []
        self.page.table(rows, has_header=has_header(rows))


def _utf16(number: int) -> str:
    """Return the UTF-16 unit of a signed 16-bit number; halves of a pair are joined later."""
    return chr(number & 0xFFFF)


def _known(encoding: str) -> str:
    try:
        b"".decode(encoding)
    except LookupError:
        return "cp1252"
    return encoding
