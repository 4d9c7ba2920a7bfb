"""A question that leans on earlier ones, put so that an index understands it, by a small model.

The heuristic of `following` decides whether that is needed, and stands in when the model fails.
"""

import re
from collections.abc import Callable

from functions.answer.following import Understood
from functions.answer.prompt import inert
from functions.answer.prompting import prompt_text
from functions.answer.vocabulary import telling_terms
from lectern import telemetry
from lectern.errors import LecternError
from lectern.models import ChatMessage, ChatModel, ChatUsage

PROMPT_VERSION = "rewrite-v1"
_TIMEOUT_S = 8.0
_MOST_TOKENS = 160
_MOST_CHARACTERS = 400
_KEPT_FROM = 0.5  # share of the last question's telling terms that the new one must hold
_NOT_A_QUESTION = re.compile(r"\[\d+\]|https?:|[<>`]")


def rewritten(
    asked: Understood,
    small: ChatModel,
    left_s: float,
    on_cancel: Callable[[Callable[[], None]], None],
) -> tuple[str, ChatUsage]:
    """Return what to search for, and what the model took; `asked.query` when it is no help.

    Args:
        asked: A question that leans on earlier ones.
        small: Called once.
        left_s: Longest wait; a few seconds are the limit anyway.
        on_cancel: Registers what ends the model's reply when the reader has gone.
    """
    prompt = [
        ChatMessage("system", prompt_text(PROMPT_VERSION)),
        ChatMessage("user", f"<question>\n{inert(asked.question)}\n</question>"),
    ]
    usage = ChatUsage()
    try:
        reply = small.reply(prompt, timeout_s=min(left_s, _TIMEOUT_S), max_tokens=_MOST_TOKENS)
        on_cancel(reply.deltas.close)
        usage = reply.usage
        said = " ".join("".join(delta.text for delta in reply.deltas).split())
    except LecternError as error:
        telemetry.logger.warning("question not rewritten", extra={"code": error.code})
        return asked.query, usage
    return (said if _is_fit(said, asked) else asked.query), usage


def _is_fit(said: str, asked: Understood) -> bool:
    if not said or len(said) > _MOST_CHARACTERS or _NOT_A_QUESTION.search(said):
        return False
    own, present = telling_terms(asked.last), set(telling_terms(said))
    return bool(present) and sum(term in present for term in own) >= _KEPT_FROM * len(own)
