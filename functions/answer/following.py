"""Questions that lean on earlier ones: "And in Seoul?" means nothing to an index by itself.

No model: a question with a pronoun, a word that goes on, or hardly a word of its own takes along
what the question before it was about. See docs/adr/0011-conversations.md for what that finds.
"""

# ruff: noqa: RUF001 - full-width punctuation is meant

import re
from collections.abc import Sequence
from dataclasses import dataclass

from functions.answer.language import Language, language_of
from functions.answer.vocabulary import telling_terms

_FURTHEST_BACK = 3  # questions
_MOST_OWN_TERMS = 5  # with more, a pronoun most likely means something in the question itself
_MOST_CHARACTERS = 400

_REFERS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:it|its|they|them|their|theirs|these|those|this|he|him|his|she|her|hers|the same"
        r"|that one|the others?|the former|the latter)\b|\b(?:about|is|was|does|did|of) that\b"
        r"|^\W*(?:and|but|or|also|so|then|what about|how about|what if|why not|what else)\b"
        r"|\b(?:instead|otherwise|too|as well|more)\W*$",
        re.IGNORECASE,
    ),
    "ko": re.compile(
        r"(?:^|\s)(?:[그이저](?:것|거|건|게|걸|때|곳|들|런|렇|러)|(?:그|이|저|해당)\s|거기|여기서?"
        r"|그럼|그리고|또는?\s|더\s|다른\s)|은요\W*$|는요\W*$"
    ),
    "ja": re.compile(
        r"[そこあ](?:れ|の|ちら|んな)|そこ|ここで|^(?:では|じゃあ?|また|それで|他に)|は[?？]*$"
    ),
    "zh": re.compile(
        r"它|他们|她|这(?:个|些|样|里|种|是)|那(?:个|些|么|里|种)?|其(?:他|中)|呢[?？]*$|^(?:还|另外|而)"
    ),
}
_FEWEST_TERMS: dict[Language, int] = {"en": 1, "ko": 0, "ja": 2, "zh": 1}
_NAME = re.compile(r"(?<=\s)[A-Z]|\d")


@dataclass(frozen=True, slots=True)
class Understood:
    """A question with what it leans on: `query` is searched, `question` is answered.

    `last` is the question as it was asked, "" for one that stands for itself.
    """

    question: str
    query: str
    last: str = ""


def understood(question: str, earlier: Sequence[str]) -> Understood:
    """Return what is meant by `question` after the `earlier` ones of its branch, oldest first.

    A question that stands for itself comes back as it is.
    """
    context: list[str] = []
    leaning = question
    for before in reversed(earlier[-_FURTHEST_BACK:]):
        if not leans(leaning):
            break
        context.insert(0, before[:_MOST_CHARACTERS])
        leaning = before
    if not context:
        return Understood(question, question)
    topic = " ".join(word for each in context for word in _telling_words(each))
    query = f"{topic} {question}".strip()
    return Understood("\n".join((*context, question)), query, last=question)


def leans(question: str) -> bool:
    """Return whether `question` needs the one before it to be understood."""
    language = language_of(question)
    own = len(telling_terms(question))
    if own <= _FEWEST_TERMS[language] and not _NAME.search(question):
        return True
    return own <= _MOST_OWN_TERMS and _REFERS[language].search(question) is not None


def _telling_words(question: str) -> list[str]:
    """Return the words of a question, as they stand, that say what it is about."""
    telling = set(telling_terms(question))
    return [word for word in question.split() if telling.intersection(telling_terms(word))]
