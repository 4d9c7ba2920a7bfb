"""Figures of a text as quantities: a value with its sign, its scale and its unit.

A claim with a figure that its passage lacks is wrong, however well its words fit. What decides is
the value, written in whatever way (1,200 and 1200, three and 3, 5만 and 50,000), and the unit where
both texts name one.
"""

# ruff: noqa: RUF001 - other minus signs are meant

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

_SMALL = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS: Mapping[str, int] = {
    **{word: value for value, word in enumerate(_SMALL.split())},
    **{word: 10 * value for value, word in enumerate(_TENS.split(), 2)},
}
_SCALES: Mapping[str, Decimal] = {
    name: Decimal(10) ** power
    for power, names in {
        2: "hundred",
        3: "thousand k 천",
        4: "만 万 萬",
        6: "million mn 백만",
        7: "천만",
        8: "억 亿 億",
        9: "billion bn",
        12: "trillion 조 兆",
    }.items()
    for name in names.split()
}
_UNITS: Mapping[str, str] = {
    written: unit
    for unit, names in {
        "%": "% percent 퍼센트 프로",
        "point": "points %p 포인트",
        "second": "second seconds sec secs s 초 秒",
        "minute": "minute minutes min mins 분 分 分钟",
        "hour": "hour hours hr hrs h 시간 小时 時間",
        "day": "day days 일 日 天",
        "week": "week weeks 주 周",
        "month": "month months 개월 달 个月 ヶ月 か月 月",
        "year": "year years yr yrs 년 年",
        "mg": "mg",
        "g": "g gram grams",
        "kg": "kg kilogram kilograms",
        "tonne": "t tonne tonnes ton tons 톤",
        "mm": "mm",
        "cm": "cm",
        "m": "m metre metres meter meters 미터",
        "km": "km kilometre kilometres kilometer kilometers 킬로미터",
        "ml": "ml",
        "litre": "l litre litres liter liters 리터",
        "°C": "°C ℃",
        "°F": "°F ℉",
        "kB": "KB kB KiB",
        "MB": "MB MiB",
        "GB": "GB GiB",
        "TB": "TB TiB",
        "person": "명 인 人",
        "dollar": "$ USD dollar dollars 달러",
        "euro": "€ EUR euro euros 유로",
        "pound": "£ GBP",
        "won": "₩ KRW won 원",
        "yen": "¥ JPY yen 円 엔",
        "bar": "bar bars",
    }.items()
    for written in names.split()
}
_NUMBER_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_SCALE = "|".join(sorted(map(re.escape, _SCALES), key=len, reverse=True))
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_CURRENCY = r"(?P<currency>[$€£₩¥]|\b(?:USD|EUR|GBP|KRW|JPY))?\s?"
_QUANTITY = re.compile(
    rf"{_CURRENCY}(?P<sign>(?<![\w)\].])[-−]|\bminus |영하 ?)?"
    rf"(?:(?<![\d.,])(?P<digits>\d+(?:[.,]\d+)*)"
    rf"|\b(?P<words>(?:{_NUMBER_WORD})(?:[- ](?:{_NUMBER_WORD}))*)\b)"
    rf"(?:(?P<gap>[ \u00a0-]?)(?P<scale>{_SCALE})(?![a-z]))?"
    rf"(?:[ \u00a0-]?(?P<unit>{_UNIT})(?![A-Za-z]))?",
)
_RATE = re.compile(r"\b(?:per|an?|each|every)\s+([a-z]+)\b|/\s?([a-z]+)\b")
_LOWERING = re.compile(
    r"\b(?:minus|negative|below|down|drop\w*|decreas\w*|declin\w*|f[ae]ll\w*|los[st]\w*|less|reduc\w*)"
    r"|영하|감소|하락|줄|손실|적자"
)
_UNSAID = frozenset({Decimal(0), Decimal(1)})  # as words: "one of them", "zero tolerance"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure as it stands: `value` times `scale` of `unit`, "" for none that is known."""

    value: Decimal
    scale: Decimal
    unit: str
    name: str = ""  # of figures that are no number, such as the version 1.2.3

    def equals(self, other: "Quantity") -> bool:
        """Return whether both are the same figure, whatever their units.

        A scale may stand elsewhere, as in the heading of a table, if only one of them has it.
        """
        if self.name or other.name:
            return self.name == other.name
        full = self.value * self.scale == other.value * other.scale
        return full or (self.value == other.value and 1 in {self.scale, other.scale})


def quantities(text: str) -> list[Quantity]:
    """Return the figures of `text` in their order."""
    return list(_found(unicodedata.normalize("NFKC", text)))


def lacks_figure(claim: str, passage: str) -> bool:
    """Return whether `claim` has a figure that `passage` has not, or has of something else."""
    present = quantities(passage)
    falls = bool(_LOWERING.search(claim))
    if any(not _is_said(each, present, falls=falls) for each in quantities(claim)):
        return True
    rates, known = _rates(claim), _rates(passage)
    return bool(rates and known and not rates & known)


def _is_said(wanted: Quantity, present: Sequence[Quantity], *, falls: bool) -> bool:
    same = [each for each in present if wanted.equals(each)]
    if not same and falls and wanted.value > 0:
        turned = Quantity(-wanted.value, wanted.scale, wanted.unit, wanted.name)
        same = [each for each in present if turned.equals(each)]
    if not wanted.unit or any(each.unit == wanted.unit for each in same):
        return bool(same)
    rival = any(each.unit == wanted.unit for each in present)
    return any(not each.unit for each in same) and not rival


def _found(text: str) -> Iterator[Quantity]:
    for match in _QUANTITY.finditer(text):
        value, name = _value(match)
        if match["words"] and value in _UNSAID:
            continue
        scale = _SCALES[match["scale"]] if match["scale"] else Decimal(1)
        unit = _UNITS.get(match["unit"] or "", "") or _UNITS.get(match["currency"] or "", "")
        yield Quantity(-value if match["sign"] else value, scale, unit, name)


def _value(match: re.Match[str]) -> tuple[Decimal, str]:
    if match["words"]:
        return Decimal(sum(_WORDS[word] for word in re.split("[- ]", match["words"]))), ""
    digits = match["digits"]
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    if re.fullmatch(r"\d+,\d+", digits):
        digits = digits.replace(",", ".")
    if re.fullmatch(r"\d+(?:\.\d+)?", digits):
        return Decimal(digits), ""
    return Decimal(0), digits


def _rates(text: str) -> set[str]:
    found = (first or second for first, second in _RATE.findall(text.lower()))
    return {_UNITS[each] for each in found if each in _UNITS}
