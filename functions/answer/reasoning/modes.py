"""Which mode gathers, and what happens when it cannot."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from functions.answer.inquiry import Inquiry
from functions.answer.noticing import reasoning_failed, reasoning_needs_model
from functions.answer.reasoning.decomposing import decompose
from functions.answer.reasoning.planning import follow_plan
from functions.answer.reasoning.searching import search_once
from functions.answer.reasoning.stepping import step_by_step
from lectern import telemetry
from lectern.api import AnswerEvent, Reasoning, ToolName
from lectern.errors import LecternError
from lectern.models import ChatModel

Mode = Callable[[Inquiry, ChatModel, Sequence[ToolName]], Iterator[AnswerEvent]]

_MODES: Mapping[Reasoning, Mode] = {
    "decompose": decompose,
    "react": step_by_step,
    "rewoo": follow_plan,
}


def gathered(
    inquiry: Inquiry, reasoning: Reasoning, tools: Sequence[ToolName]
) -> Iterator[AnswerEvent]:
    """Yield the events of gathering; the inquiry's evidence then holds what was found.

    A mode whose model fails, or that finds nothing, ends in one plain search, with a notice of why.

    Raises:
        LecternError: Retrieve refused.
    """
    mode = _MODES.get(reasoning)
    if mode is not None and inquiry.chat is None:
        inquiry.warnings.append(reasoning_needs_model(reasoning))
    elif mode is not None and inquiry.chat is not None:
        try:
            yield from mode(inquiry, inquiry.chat, tools)
        except LecternError as error:
            if inquiry.cancellation.cancelled:
                raise
            telemetry.logger.warning("reasoning failed", extra={"code": error.code})
            telemetry.count_error("answer", error)
            inquiry.warnings.append(reasoning_failed(reasoning, error))
    if not inquiry.evidence.passages:
        inquiry.allow_one_search()
        yield from search_once(inquiry)
