"""When two names are the same, and which are worth remembering."""

import hashlib
import re
import unicodedata

SHORTEST, LONGEST = 2, 80  # code points
_NUMBERING = re.compile(
    r"^(?:(?:article|section|chapter|part|appendix)\s+)?(?:\d+(?:\.\d+)*|[IVXLC]+|[A-Z])[.):]?\s+",
    re.IGNORECASE,
)
_NUMBERED_LETTER = re.compile(r"^[A-Za-z]\s")
_STOP_WORDS = """
a an the this that these those it its we our you your he she they his her their i in on at by for
from to of and or but if when where while who what how why as with without also however thus
then there here some all any each every such other both
either neither not do does did has have had is are was were be been will would can could may must
shall should after before during since until under over between into
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday jan feb mar apr jun jul aug sep oct nov dec
page table figure fig section chapter part appendix annex article note notes contents introduction
conclusion conclusions summary abstract references bibliography index overview background general
yes no none total date name number title description type page version
목차 서론 결론 참고문헌 부록 목적 정의 총칙 부칙 目次 はじめに 参考文献 目录 参考文献 附录 摘要
"""
_STOP = frozenset(_STOP_WORDS.split())
EDGES = " \t\r\n.,;:·•-–—|/\\'\"“”‘’「」『』«»*_#"  # noqa: RUF001 - what surrounds a name


def folded_name(name: str) -> str:
    """Return what two spellings of one name have in common: width, case and white space apart."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def clean_name(name: str) -> str:
    """Return `name` on one line without what surrounds it, or "" if it is not worth keeping."""
    plain = " ".join(name.split()).strip(EDGES)
    if not SHORTEST <= len(plain) <= LONGEST:
        return ""
    letters = sum(character.isalpha() for character in plain)
    return "" if letters < SHORTEST or folded_name(plain) in _STOP else plain


def without_leading_stop_words(name: str) -> str:
    """Return a capitalised run of words from its first telling word on: `The Hague` is `Hague`."""
    words = name.split()
    while words and words[0].casefold() in _STOP:
        words.pop(0)
    return " ".join(words)


def clean_heading(heading: str) -> str:
    """Return a heading as a name, without its numbering."""
    line = " ".join(heading.split())
    if not _NUMBERED_LETTER.match(line):  # "A plan" is a title, "3.1 Plan" is numbered
        line = _NUMBERING.sub("", line)
    return clean_name(line)


def row_id(document_id: str, revision: int, part: int, *names: str) -> str:
    """Return the deterministic id of what `names` name in a part: 32 hexadecimal digits."""
    key = "\0".join((document_id, str(revision), str(part), *names))
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()[:32]
