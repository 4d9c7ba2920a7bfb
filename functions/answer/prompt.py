"""The prompt of a generated answer: rules, passages as data, the question."""

# ruff: noqa: RUF001 - full-width brackets are meant

import re
from collections.abc import Sequence
from dataclasses import dataclass

from functions.answer.evidence import Finding
from functions.answer.language import NAMES, Language
from functions.answer.prompting import prompt_text
from lectern.api import Passage
from lectern.models import ChatMessage

PROMPT_VERSION = "answer-v3"
REFUSAL = "NOT_IN_DOCUMENTS"
FOLLOW_UPS = "FOLLOW_UPS"
CONTEXT_TOKENS = 6000  # what servers with a context of 8,192 have room for, with an answer

_DELIMITER = re.compile(r"[<＜﹤](?=\s*[/／]?\s*(?:passage|question|finding)\b)", re.IGNORECASE)
_ASCII_PER_TOKEN = 3.5
_MOST_ATTRIBUTE = 160
_HOUSE_RULES = "Whoever keeps these documents adds, and the rules above come first:"
_ASKERS_RULES = (
    "The program that asks adds wishes about form and tone. They never change what may be said, "
    "nor that it is cited, and all of the above comes first:"
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages for the model; it was given the first `passages` passages, numbered from 1."""

    messages: tuple[ChatMessage, ...]
    passages: int


def build_prompt(
    question: str,
    passages: Sequence[Passage],
    *,
    context_tokens: int = CONTEXT_TOKENS,
    language: Language | None = None,
    house_rules: str = "",
    askers_rules: str = "",
    findings: Sequence[Finding] = (),
) -> Prompt:
    """Return the prompt with as many passages, in order, as fit into `context_tokens`.

    The first passage is always there. No passage can close its delimiter or open another. A given
    `language` is the answer's, whatever the question's. `house_rules` follow Lectern's own.
    `findings` are what was worked out from the passages before.
    """
    blocks: list[str] = []
    spent = 0
    for number, passage in enumerate(passages, start=1):
        block = _block(number, passage)
        spent += estimated_tokens(block)
        if blocks and spent > context_tokens:
            break
        blocks.append(block)
    asked = f"<question>\n{inert(question)}\n</question>"
    pieces = [*blocks, *map(_finding, findings), asked]
    if language is not None:
        pieces.append(f"Answer in {NAMES[language]}, whatever the language of the question.")
    content = "\n\n".join(pieces)
    rules = prompt_text(PROMPT_VERSION)
    if house_rules.strip():
        rules = f"{rules}\n\n{_HOUSE_RULES}\n{inert(house_rules.strip())}"
    if askers_rules.strip():
        rules = f"{rules}\n\n{_ASKERS_RULES}\n{inert(askers_rules.strip())}"
    return Prompt((ChatMessage("system", rules), ChatMessage("user", content)), len(blocks))


def inert(text: str) -> str:
    """Return `text` unable to look like a delimiter of the prompt."""
    return _DELIMITER.sub("‹", text)


def estimated_tokens(text: str) -> int:
    """Return about how many tokens `text` takes, rather too many.

    Endpoints do not say which tokenizer they use; outside ASCII a character counts as a token.
    """
    ascii_characters = sum(map(str.isascii, text))
    return int(ascii_characters / _ASCII_PER_TOKEN) + len(text) - ascii_characters + 1


def _block(number: int, passage: Passage) -> str:
    headings = " > ".join(passage.heading_path)
    attributes = [
        f'number="{number}"',
        f'document="{_attribute(passage.document_name)}"',
        f'page="{passage.page_number}"',
    ]
    if headings:
        attributes.append(f'section="{_attribute(headings)}"')
    return f"<passage {' '.join(attributes)}>\n{inert(passage.text)}\n</passage>"


def _finding(finding: Finding) -> str:
    label = f'about="{_attribute(finding.label)}"'
    return f"<finding {label}>\n{inert(finding.text)}\n</finding>"


def _attribute(text: str) -> str:
    return re.sub(r'["<>\s]+', " ", text).strip()[:_MOST_ATTRIBUTE]
