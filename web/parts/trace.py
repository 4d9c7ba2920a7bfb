"""How an answer came about: its steps with times, what it cost, what was not done."""

from collections.abc import Sequence

import streamlit as st

from lectern.api import AnswerReply, AnswerStep
from web.answers import Step
from web.language import t
from web.parts.citations import plain, plain_lines

_STEPS = ("rewrite", "retrieve", "select", "first_token", "generate", "verify")
_LIVE_STEPS = frozenset({"retrieving", "selecting", "generating", "thinking", "verifying"})
_WORK = frozenset(
    {"plan", "question", "search", "read", "list", "table", "calculate", "web", "outer"}
)
_S = 1000.0


def trace(reply: AnswerReply) -> None:
    """Show the steps of a finished answer, folded."""
    total_s = reply.timings_ms.get("total", 0.0) / _S
    label = t("chat.trace", count=len(reply.passages), seconds=f"{total_s:.1f}")
    with st.expander(label, type="compact"):
        st.markdown("\n".join(f"- {line}" for line in lines(reply)))
        if reply.reasoning:
            st.markdown(thoughts(reply.reasoning), anchors=False)


def thoughts(reasoning: str) -> str:
    """Return what a model thought as Markdown that shows it as it is, below a word of caution."""
    return f"{t('chat.thoughts')}\n\n{plain_lines(reasoning.strip())}"


def lines(reply: AnswerReply) -> list[str]:
    """Return the steps, the model and its cost as lines of Markdown."""
    found = [_work(step) for step in reply.steps]
    found += [
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
    """Return what is being done now, in words; Markdown."""
    known = [step for step in steps if step.name in _LIVE_STEPS or step.label]
    if not known:
        return t("chat.step_asking")
    if known[-1].label:
        kind = known[-1].name.removeprefix("work_")
        return t(f"chat.work_{_kind(kind)}", label=plain(known[-1].label))
    return t(f"chat.step_{known[-1].name}")


def _work(step: AnswerStep) -> str:
    """Return a step of an agent as a line of Markdown: what, what came of it, how long it took."""
    line = t(f"chat.work_{_kind(step.kind)}", label=plain(step.label))
    results = [plain(step.result)] if step.result else []
    if step.found is not None:
        results.append(t("chat.work_found", count=step.found))
    if step.state == "failed":
        results.insert(0, t("chat.work_failed"))
    came = " · ".join([*results, t("chat.work_took", seconds=f"{step.took_ms / _S:.2f}")])
    return f"{line}  \n  :small[:gray[{came}]]"


def _kind(kind: str) -> str:
    return kind if kind in _WORK else "unknown"
