"""What a Word paragraph is: a heading, a list item, a caption; and which number it carries."""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.parse.readers.office_parts import attribute, child, whole_number
from functions.parse.readers.safe_xml import local_name

if TYPE_CHECKING:
    from lxml import etree

_HEADING_NAMES = re.compile(
    r"(?:heading|제목|개요|見出し|标题|標題|überschrift|titre|título|titolo|kop|rubrik|overskrift"
    r"|nagłówek|заголовок|επικεφαλίδα|otsikko|nadpis|ba\u015fl\u0131k)\s*(\d)",
    re.IGNORECASE,
)
_TITLES = {
    "title": 1,
    "제목": 1,
    "표제": 1,
    "titel": 1,
    "表題": 1,
    "标题": 1,
    "subtitle": 2,
    "부제": 2,
}
_CAPTIONS = {"caption", "캡션", "beschriftung", "légende", "図表番号", "题注", "標號"}
_NO_OUTLINE = 9
_GANADA = "가나다라마바사아자차카타파하"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
          (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_LAST_LEVEL = 8


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based_on: str
    outline: int | None
    number: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str
    start: int


class Styles:
    """The paragraph styles of a document."""

    def __init__(self, root: "etree._Element | None") -> None:
        self._styles: dict[str, _Style] = {}
        self.default = ""
        for style in () if root is None else root:
            if local_name(style) == "style" and attribute(style, "type") == "paragraph":
                key = attribute(style, "styleId") or ""
                self._styles[key] = _Style(
                    (attribute(child(style, "name"), "val") or "").strip().lower(),
                    attribute(child(style, "basedOn"), "val") or "",
                    _outline(child(style, "pPr")),
                    _number(child(style, "pPr")),
                )
                if attribute(style, "default") in {"1", "true"}:
                    self.default = key

    def heading_level(self, properties: "etree._Element | None") -> int | None:
        """Return the paragraph's heading level from 1, by its outline level or its style."""
        own = _outline(properties)
        if own is not None:
            return own + 1 if own < _NO_OUTLINE else None
        for style in self._chain(properties):
            if named := _HEADING_NAMES.fullmatch(style.name):
                return int(named[1]) or 1
            if style.name in _TITLES:
                return _TITLES[style.name]
            if style.outline is not None:
                return style.outline + 1 if style.outline < _NO_OUTLINE else None
        return None

    def number(self, properties: "etree._Element | None") -> tuple[str, int] | None:
        """Return (numbering id, level from 0) when the paragraph is numbered or bulleted."""
        own = _number(properties)
        if own is not None:
            return own if own[0] != "0" else None
        for style in self._chain(properties):
            if style.number is not None:
                return style.number if style.number[0] != "0" else None
        return None

    def is_caption(self, properties: "etree._Element | None") -> bool:
        """Whether the paragraph is the caption of a picture or a table."""
        return any(style.name in _CAPTIONS for style in self._chain(properties))

    def is_contents(self, properties: "etree._Element | None") -> bool:
        """Whether the paragraph is a line of the table of contents."""
        return any(re.fullmatch(r"toc \d", style.name) for style in self._chain(properties))

    def is_code(self, properties: "etree._Element | None") -> bool:
        """Whether the paragraph's style is one for listings."""
        names = ("code", "source", "listing", "preformatted", "코드")
        return any(word in style.name for style in self._chain(properties) for word in names)

    def _chain(self, properties: "etree._Element | None") -> list[_Style]:
        key = attribute(child(properties, "pStyle"), "val") or self.default
        chain: list[_Style] = []
        while key in self._styles and self._styles[key] not in chain:
            chain.append(self._styles[key])
            key = chain[-1].based_on
        return chain


class Numbering:
    """Counts numbered paragraphs and writes their numbers as Word shows them."""

    def __init__(self, root: "etree._Element | None") -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._counters: dict[str, dict[int, int]] = defaultdict(dict)
        for element in () if root is None else root:
            if local_name(element) == "abstractNum":
                self._levels[attribute(element, "abstractNumId") or ""] = dict(_levels(element))
            elif local_name(element) == "num":
                self._abstract[attribute(element, "numId") or ""] = (
                    attribute(child(element, "abstractNumId"), "val") or ""
                )

    def marker(self, number: tuple[str, int]) -> str:
        """Count one more paragraph and return its number, "-" for a bullet."""
        identifier, depth = number
        levels = self._levels.get(self._abstract.get(identifier, ""), {})
        level = levels.get(depth)
        if level is None or level.form in {"bullet", "none"}:
            return "-"
        counters = self._counters[self._abstract[identifier]]
        counters[depth] = counters.get(depth, level.start - 1) + 1
        for deeper in [other for other in counters if other > depth]:
            del counters[deeper]

        def shown(match: re.Match[str]) -> str:
            which = int(match[1]) - 1
            form = levels[which].form if which in levels else "decimal"
            return written(counters.get(which, 1), form)

        return re.sub(r"%(\d)", shown, level.text).strip() or "-"


def written(number: int, form: str) -> str:
    """Return a number in one of Word's formats (ECMA-376, 17.18.59); unknown ones as digits."""
    if form in {"lowerLetter", "upperLetter"} and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if form == "lowerLetter" else letter.upper()
    if form in {"lowerRoman", "upperRoman"} and 0 < number < 4000:  # noqa: PLR2004
        roman = ""
        for value, letters in _ROMAN:
            roman += letters * (number // value)
            number %= value
        return roman if form == "lowerRoman" else roman.upper()
    if form == "ganada" and 0 < number <= len(_GANADA):
        return _GANADA[number - 1]
    if form == "decimalEnclosedCircle" and 0 < number <= 20:  # noqa: PLR2004
        return chr(0x2460 + number - 1)
    return str(number)


def _levels(abstract: "etree._Element") -> list[tuple[int, _Level]]:
    return [
        (
            whole_number(attribute(level, "ilvl")),
            _Level(
                attribute(child(level, "numFmt"), "val") or "decimal",
                (attribute(child(level, "lvlText"), "val") or "")[:64],
                whole_number(attribute(child(level, "start"), "val"), 1),
            ),
        )
        for level in abstract
        if local_name(level) == "lvl"
    ]


def _outline(properties: "etree._Element | None") -> int | None:
    value = attribute(child(properties, "outlineLvl"), "val")
    return None if value is None else min(max(whole_number(value, _NO_OUTLINE), 0), _NO_OUTLINE)


def _number(properties: "etree._Element | None") -> tuple[str, int] | None:
    numbering = child(properties, "numPr")
    identifier = attribute(child(numbering, "numId"), "val")
    if identifier is None:
        return None
    depth = whole_number(attribute(child(numbering, "ilvl"), "val"))
    return identifier, min(max(depth, 0), _LAST_LEVEL)
