"""Words in the reader's language: `t("shell.sign_in")` in a page, `text(language, …)` elsewhere.

The strings of a room are in `locale/<language>/<room>.json`, and a key is `<room>.<name>`. A key
with a `count` may have the forms `<name>.one` and `<name>.other`.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES: Mapping[str, str] = {"en": "English", "ko": "한국어"}
DEFAULT = "en"
LANGUAGE_STATE = "lectern.language"

_FOLDER = Path(__file__).parent / "locale"


def t(key: str, **values: Any) -> str:
    """Return a string in the language of the page that is being drawn.

    Args:
        key: `<room>.<name>`.
        values: What stands for the `{names}` in it.
    """
    import streamlit as st

    return text(str(st.session_state.get(LANGUAGE_STATE, DEFAULT)), key, **values)


def text(language: str, key: str, **values: Any) -> str:
    """Return a string in `language`. Works outside pages too: in routes and threads.

    Raises:
        KeyError: There is no such string.
    """
    strings = catalog(language)
    if "count" in values and key not in strings:
        key += ".one" if values["count"] == 1 and f"{key}.one" in strings else ".other"
    return strings[key].format(**values) if values else strings[key]


@cache
def catalog(language: str) -> Mapping[str, str]:
    """Return every string of a language."""
    known = language if language in LANGUAGES else DEFAULT
    return {
        f"{file.stem}.{name}": value
        for file in sorted((_FOLDER / known).glob("*.json"))
        for name, value in json.loads(file.read_text(encoding="utf-8")).items()
    }


def preferred(*wishes: str) -> str:
    """Return the first language we speak.

    Args:
        wishes: Language codes or `Accept-Language` headers, most important first.
    """
    for wish in wishes:
        for tag in sorted(wish.split(","), key=_quality, reverse=True):
            code = tag.partition(";")[0].strip().partition("-")[0].lower()
            if code in LANGUAGES:
                return code
    return DEFAULT


def _quality(tag: str) -> float:
    weight = tag.partition(";q=")[2].strip()
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0
