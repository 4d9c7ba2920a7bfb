"""The language of a question, as far as its script shows it, and what Lectern says in it."""

# ruff: noqa: RUF001 - full-width punctuation is meant

import re
from typing import Literal

Language = Literal["en", "ko", "ja", "zh"]

_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_KANA = re.compile("[\u3041-\u30ff]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")

NAMES: dict[Language, str] = {
    "en": "English",
    "ko": "Korean",
    "ja": "Japanese",
    "zh": "Chinese",
}

NOT_FOUND: dict[Language, str] = {
    "en": "The documents do not hold the answer to this question.",
    "ko": "문서에서 이 질문에 대한 답을 찾지 못했습니다.",
    "ja": "この質問への答えは文書の中に見つかりませんでした。",
    "zh": "在文档中没有找到这个问题的答案。",
}

INTRODUCTION: dict[Language, str] = {
    "en": "The documents say:",
    "ko": "문서에는 다음과 같이 나와 있습니다.",
    "ja": "文書には次のように書かれています。",
    "zh": "文档中写道：",
}

SOURCES: dict[Language, str] = {
    "en": "Sources:",
    "ko": "출처:",
    "ja": "出典：",
    "zh": "来源：",
}

ABOUT_SECTION: dict[Language, str] = {
    "en": "What is said about “{section}”?",
    "ko": "‘{section}’에 대해서는 어떻게 나와 있나요?",
    "ja": "「{section}」についてはどう書かれていますか？",
    "zh": "关于“{section}”是怎么说的？",
}


def language_of(question: str) -> Language:
    """Return the language of `question` by its script; English for every other script."""
    if _HANGUL.search(question):
        return "ko"
    if _KANA.search(question):
        return "ja"
    return "zh" if _HAN.search(question) else "en"
