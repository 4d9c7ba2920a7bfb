"""Every string exists in every language, has the same places for values, and is used."""

import re
import string
from pathlib import Path

import pytest

from web.language import LANGUAGES, catalog, preferred, text

WEB = Path(__file__).parents[2] / "web"
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted(WEB.rglob("*"))
    if path.suffix in {".py", ".html"}
)


def places(value: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(value) if name}


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_no_string_is_missing_in_any_language(language: str) -> None:
    assert set(catalog(language)) == set(catalog("en"))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_translations_have_the_same_places_for_values(language: str) -> None:
    different = [
        key
        for key, value in catalog("en").items()
        if places(value) != places(catalog(language)[key]) and not key.endswith(".one")
    ]

    assert different == []


def test_every_string_is_used() -> None:
    dynamic = {
        (before, after)
        for before, after in re.findall(r'"([a-z_]+\.[a-z_]*)\{[^}"]*\}([a-z_]*)"', SOURCES)
    } | {(prefix, "") for prefix in re.findall(r'"([a-z]+\.[a-z_]+_)"', SOURCES)}

    unused = [
        key
        for key in (re.sub(r"\.(one|other)$", "", key) for key in catalog("en"))
        if f'"{key}"' not in SOURCES
        and f"'{key}'" not in SOURCES
        and not any(key.startswith(b) and key.endswith(a) for b, a in dynamic)
        and not (key.startswith("shell.state_"))
    ]

    assert sorted(set(unused)) == []


def test_every_string_that_is_used_exists() -> None:
    keys = set(re.findall(r"""\bt\(\s*["']([a-z_]+\.[a-z0-9_]+)["']""", SOURCES))
    known = {re.sub(r"\.(one|other)$", "", key) for key in catalog("en")}

    assert keys - known == set()


def test_a_count_chooses_the_form() -> None:
    assert text("en", "shell.hours_ago", count=1) == "an hour ago"
    assert text("en", "shell.hours_ago", count=3) == "3 hours ago"
    assert text("ko", "shell.hours_ago", count=3) == "3시간 전"


def test_an_unknown_language_reads_english() -> None:
    assert preferred("", "xx", "de-DE,de;q=0.9") == "en"
    assert preferred("", "de;q=0.9,ko-KR;q=0.8") == "ko"


def test_a_collection_has_one_name_in_korean() -> None:
    others = re.compile("컬렉션|콜렉션|문서함|자료집")

    assert [key for key, value in catalog("ko").items() if others.search(value)] == []
    assert [
        key
        for key, value in catalog("en").items()
        if re.search("(?i)collections?(?!})", value)
        and "모음" not in catalog("ko")[key]
        and key != "chat.scope_remove"
    ] == []


def test_each_thing_has_one_name_in_korean() -> None:
    """구절 is a passage, 재순위화 reranking, 단어 a word, 의미 meaning, 실행 취소 undoing."""
    others = re.compile("발췌|대목|재정렬|순위 다시|낱말|(?<![가-힣])뜻")

    assert [key for key, value in catalog("ko").items() if others.search(value)] == []
    assert catalog("ko")["library.undo"] == catalog("ko")["chat.list_undo"] == "실행 취소"
