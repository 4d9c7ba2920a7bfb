"""The tools of one question: their descriptions for the model, and running what it asks for."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from functions.answer.inquiry import Inquiry
from lectern.api import Passage, StepLink, ToolName
from lectern.errors import LecternError
from lectern.models.ports import JsonSchema, Tool

_MOST_TEXT = 6000  # characters of a result; what does not fit helps no model


class Arguments(BaseModel):
    """What a model gives a tool; unknown fields are ignored, as models invent them."""

    model_config = ConfigDict(extra="ignore", frozen=True)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool found: `text` is for the model, `passages` join the evidence.

    `shown` tells a person in few words what came of it, where a number of passages does not.
    `links` are pages outside Lectern.
    """

    text: str = ""
    passages: Sequence[Passage] = ()
    shown: str = ""
    failed: bool = False
    links: Sequence[StepLink] = ()


@dataclass(frozen=True, slots=True)
class AnswerTool:
    """A tool: `label` says what a use of it is about, in few words for a person.

    `kind` is that of its steps, the name unless given; `schema`, what a model is told of the
    arguments instead of what `arguments` checks.

    `run` raises `LecternError`, `ValueError` or `ArithmeticError` to tell the model what was wrong.
    """

    name: ToolName | str
    description: str
    arguments: type[Arguments]
    run: Callable[[Any, Inquiry], ToolResult]
    label: Callable[[Any], str]
    kind: str = ""
    schema: JsonSchema | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a tool as a model asked for it; `kind` is "unknown" for what there is not."""

    kind: ToolName | str
    label: str
    run: Callable[[], ToolResult]


class Toolbox:
    """The tools that a question allows.

    Args:
        tools: The tools by name.
        inquiry: The question they are used for.
    """

    def __init__(self, tools: Mapping[str, AnswerTool], inquiry: Inquiry) -> None:
        self._tools = tools
        self._inquiry = inquiry

    @property
    def names(self) -> Sequence[str]:
        """The names of the tools."""
        return list(self._tools)

    def described(self) -> Sequence[Tool]:
        """Return the tools as a model wants them described."""
        return [
            Tool(tool.name, tool.description, tool.schema or tool.arguments.model_json_schema())
            for tool in self._tools.values()
        ]

    def use(self, name: str, arguments: str | Mapping[str, Any]) -> Use:
        """Return the use of a tool, not begun yet. What is wrong with it becomes its result.

        Args:
            name: As the model wrote it.
            arguments: JSON as the model wrote it, or what came of reading it.
        """
        tool = self._tools.get(name)
        if tool is None:
            known = ", ".join(self._tools)
            return _useless("unknown", name, f"there is no tool {name[:40]!r}; use one of {known}")
        try:
            given = json.loads(arguments) if isinstance(arguments, str) else dict(arguments)
            read = tool.arguments.model_validate(given)
        except (ValidationError, ValueError, RecursionError) as error:
            return _useless(
                tool.kind or tool.name, name, f"the arguments do not fit: {_short(error)}"
            )
        return Use(tool.kind or tool.name, tool.label(read), lambda: self._run(tool, read))

    def _run(self, tool: AnswerTool, arguments: Arguments) -> ToolResult:
        try:
            result = tool.run(arguments, self._inquiry)
        except LecternError as error:
            return ToolResult(f"failed: {error.detail}", shown=error.code, failed=True)
        except (ValueError, ArithmeticError) as error:
            return ToolResult(f"failed: {error}", shown=str(error), failed=True)
        text = result.text
        if len(text) > _MOST_TEXT:
            text = f"{text[:_MOST_TEXT]}\n… (cut)"
        return replace(result, text=text)


def _useless(kind: str, label: str, reason: str) -> Use:
    return Use(kind, label, lambda: ToolResult(reason, shown=reason, failed=True))


def _short(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return "no JSON object"
