"""The body of a chat completion request, as far as this endpoint understands it."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lectern.models.ports import ChatMessage, JsonSchema, Tool
from lectern.models.strict_schema import strict_schema

_OPTIONAL = ("stream_options", "response_format", "max_tokens")
_NEWER_NAMES = {"max_tokens": "max_completion_tokens"}


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What is asked of a model in one go."""

    messages: Sequence[ChatMessage]
    tools: Sequence[Tool] = ()
    schema: JsonSchema | None = None
    max_tokens: int | None = None


@dataclass(slots=True)
class Dialect:
    """What an endpoint was found not to understand; learned from its refusals, never forgotten."""

    refused: set[str] = field(default_factory=set)

    def body(self, request: ChatRequest, *, model: str) -> dict[str, Any]:
        """Return the body of a streamed request."""
        body: dict[str, Any] = {
            "model": model,
            "messages": [wire_message(message) for message in request.messages],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.tools:
            body["tools"] = [_wire_tool(tool) for tool in request.tools]
        if request.schema is not None:
            strict = strict_schema(request.schema)
            shape = dict(request.schema) if strict is None else strict
            named = {"name": "reply", "schema": shape, "strict": strict is not None}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        if request.max_tokens is not None:
            body["max_tokens"] = request.max_tokens
        for option in self.refused & body.keys():
            value = body.pop(option)
            if option in _NEWER_NAMES:
                body[_NEWER_NAMES[option]] = value
        return body

    def learn(self, message: str, body: dict[str, Any]) -> bool:
        """Note which option of `body` a refusal names; return whether asking again makes sense."""
        named = next((o for o in _OPTIONAL if o in body and o in message), None)
        if named is None:
            return False
        self.refused.add(named)
        return True


def wire_message(message: ChatMessage) -> dict[str, Any]:
    """Return a message as the OpenAI-compatible API has it."""
    wire: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.images:
        wire["content"] = [
            *({"type": "image_url", "image_url": {"url": _data_url(i)}} for i in message.images),
            {"type": "text", "text": message.content},
        ]
    if message.tool_calls:
        wire["content"] = message.content or None
        wire["tool_calls"] = [
            {
                "id": call.call_id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    if message.role == "tool":
        wire["tool_call_id"] = message.call_id
    return wire


def _wire_tool(tool: Tool) -> dict[str, Any]:
    described = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    return {"type": "function", "function": described}


def _data_url(image: Any) -> str:
    return f"data:{image.media_type};base64,{base64.b64encode(image.data).decode()}"
