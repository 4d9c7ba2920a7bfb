"""`react`: the model looks things up step by step, seeing what came of each."""

import json
from collections.abc import Generator, Iterator, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from functions.answer.inquiry import Inquiry
from functions.answer.prompt import estimated_tokens, inert
from functions.answer.prompting import prompt_text
from functions.answer.reasoning.using import use_tools
from functions.answer.tools import Toolbox, toolbox
from lectern.api import AnswerEvent, ToolName
from lectern.errors import PermanentError
from lectern.models import ChatMessage, ChatModel
from lectern.models.ports import ToolCall

PROMPT_VERSION = "react-v1"
_MOST_TURNS = 6
_MOST_USES_A_TURN = 4
_CONTEXT_SHARE = 0.7  # of the model's context; the rest is for its next words
_FINISH = "finish"


class Action(BaseModel):
    """What a model without tools wants to do next."""

    model_config = ConfigDict(extra="ignore")

    thought: Annotated[str, Field(max_length=2000)] = ""
    tool: Annotated[str, Field(max_length=100, description=f"a tool, or {_FINISH!r} when done")]
    arguments: dict[str, Any] = {}


def step_by_step(
    inquiry: Inquiry, chat: ChatModel, tools: Sequence[ToolName]
) -> Iterator[AnswerEvent]:
    """Let the model use tools until it has enough, at most six turns.

    A model that takes no tools is asked for its next step as JSON instead.

    Raises:
        LecternError: The model failed.
    """
    box = toolbox(inquiry, tools)
    try:
        yield from _with_tools(inquiry, chat, box)
    except PermanentError as error:
        if error.code != "chat_no_tools":
            raise
        yield from _in_words(inquiry, chat, box)
    inquiry.evidence.queries.append(inquiry.asked.question)


def _with_tools(inquiry: Inquiry, chat: ChatModel, box: Toolbox) -> Iterator[AnswerEvent]:
    messages = _opening(inquiry)
    for _ in range(_MOST_TURNS):
        text, calls = _next(inquiry, chat, messages, box)
        if not calls:
            return
        messages.append(ChatMessage("assistant", text, tool_calls=tuple(calls)))
        uses = [box.use(call.name, call.arguments) for call in calls]
        told = yield from use_tools(uses, inquiry)
        messages += [
            ChatMessage("tool", result, call_id=call.call_id)
            for call, result in zip(calls, told, strict=True)
        ]
        if _is_full(messages, chat):
            return


def _next(
    inquiry: Inquiry, chat: ChatModel, messages: Sequence[ChatMessage], box: Toolbox
) -> tuple[str, Sequence[ToolCall]]:
    reply = chat.reply(messages, timeout_s=inquiry.left_s, tools=box.described())
    inquiry.cancellation.on_cancel(reply.deltas.close)
    text = ""
    calls: list[ToolCall] = []
    for delta in reply.deltas:
        text += delta.text
        calls += delta.tool_calls
    inquiry.count(reply.usage)
    return text, calls[:_MOST_USES_A_TURN]


def _in_words(inquiry: Inquiry, chat: ChatModel, box: Toolbox) -> Iterator[AnswerEvent]:
    messages = _opening(inquiry, _tools_in_words(box))
    for _ in range(_MOST_TURNS):
        action = inquiry.reply_as(chat, messages, Action)
        if action.tool == _FINISH:
            return
        told = yield from _act(action, inquiry, box)
        said = json.dumps(action.model_dump(), ensure_ascii=False)
        messages += [ChatMessage("assistant", said), ChatMessage("user", f"Result:\n{told}")]
        if _is_full(messages, chat):
            return


def _act(action: Action, inquiry: Inquiry, box: Toolbox) -> Generator[AnswerEvent, None, str]:
    (told,) = yield from use_tools([box.use(action.tool, action.arguments)], inquiry)
    return told


def _opening(inquiry: Inquiry, more_rules: str = "") -> list[ChatMessage]:
    rules = prompt_text(PROMPT_VERSION)
    asked = f"<question>\n{inert(inquiry.asked.question)}\n</question>"
    return [ChatMessage("system", f"{rules}\n{more_rules}".strip()), ChatMessage("user", asked)]


def _tools_in_words(box: Toolbox) -> str:
    described = [
        f"- {tool.name}: {tool.description} Arguments: {json.dumps(tool.parameters)}"
        for tool in box.described()
    ]
    return "\n".join(["\nTools, one at a time:", *described])


def _is_full(messages: Sequence[ChatMessage], chat: ChatModel) -> bool:
    spent = sum(estimated_tokens(message.content) for message in messages)
    return spent > _CONTEXT_SHARE * chat.context_tokens
