"""How an answer came about: its steps with times, what it cost, what was not done."""

from collections.abc import Sequence

import streamlit as st

from lectern.api import AnswerReply
from web.answers import Step
from web.language import t
from web.parts.citations import plain

_STEPS = ("retrieve", "select", "first_token", "generate", "verify")
_LIVE_STEPS = frozenset({"retrieving", "selecting", "generating", "thinking", "verifying"})
_S = 1000.0


def trace(reply: AnswerReply) -> None:
    """Show the steps of a finished answer, folded."""
    total_s = reply.timings_ms.get("total", 0.0) / _S
    label = t("chat.trace", count=len(reply.passages), seconds=f"{total_s:.1f}")
    with st.expander(label, type="compact"):
        st.markdown("\n".join(f"- {line}" for line in lines(reply)))


def lines(reply: AnswerReply) -> list[str]:
    """Return the steps, the model and its cost as lines of Markdown."""
    found = [
        t(f"chat.trace_{step}", seconds=f"{reply.timings_ms[step] / _S:.2f}")
        for step in _STEPS
        if step in reply.timings_ms
    ]
    if reply.usage.model:
        found.append(
            t(
                "chat.trace_model",
                model=plain(reply.usage.model),
                prompt=reply.usage.prompt_tokens,
                completion=reply.usage.completion_tokens,
            )
        )
    return found


def doing(steps: Sequence[Step]) -> str:
    """Return what is being done now, in words."""
    known = [step.name for step in steps if step.name in _LIVE_STEPS]
    return t(f"chat.step_{known[-1]}" if known else "chat.step_asking")
