"""Replies of a fixed shape, from models that promise one and from models that do not."""

from collections.abc import Iterator

import pytest
from pydantic import BaseModel, Field

from lectern.errors import TransientError
from lectern.models.chat import OpenAIChat
from lectern.models.ports import ChatMessage, ChatUsage
from lectern.models.structured import reply_as
from tests.provider.chat import Script, ScriptedChat

PROMPT = [ChatMessage("user", "Split the question: who leads the office that has the most desks?")]


class Questions(BaseModel):
    questions: list[str] = Field(min_length=1, max_length=3)


@pytest.fixture
def provider() -> Iterator[ScriptedChat]:
    with ScriptedChat().running() as running:
        yield running


def ask(provider: ScriptedChat, usage: ChatUsage | None = None) -> Questions:
    chat = OpenAIChat(provider.url, "", "small", 10.0)
    return reply_as(chat, PROMPT, Questions, timeout_s=10, usage=usage)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"questions": ["a", "b"]}', id="bare"),
        pytest.param('Sure!\n```json\n{"questions": ["a", "b"]}\n```\nDone {x}.', id="fenced"),
        pytest.param('<think>{"no": 1}</think>{"questions": ["a", "b"]}', id="thought first"),
        pytest.param('{oops {"questions": ["a", "b"]}', id="broken before"),
    ],
)
def test_json_is_found_in_what_a_model_says(provider: ScriptedChat, text: str) -> None:
    provider.play(Script(text=text))

    assert ask(provider).questions == ["a", "b"]
    [request] = provider.requests
    assert request.body["response_format"]["json_schema"]["schema"]["required"] == ["questions"]


def test_a_server_without_schemas_is_asked_in_words(provider: ScriptedChat) -> None:
    provider.play(Script(text='{"questions": ["a"]}', refuses=("response_format",)))

    assert ask(provider).questions == ["a"]
    assert "response_format" not in provider.requests[-1].body
    assert '"required": ["questions"]' in provider.requests[-1].prompt


def test_what_does_not_fit_is_repaired_once(provider: ScriptedChat) -> None:
    provider.play(Script(text='{"questions": []}'), Script(text='{"questions": ["a"]}'))
    usage = ChatUsage()

    assert ask(provider, usage).questions == ["a"]
    first, second = provider.requests
    assert "questions: List should have at least 1 item" in second.prompt
    assert usage.prompt_tokens > len(first.prompt) // 8


@pytest.mark.parametrize("text", ["I cannot.", "{" * 5_000, '{"questions": "a"}', ""])
def test_what_never_fits_is_an_error(provider: ScriptedChat, text: str) -> None:
    provider.play(Script(text=text or " "))

    with pytest.raises(TransientError, match="shape asked for"):
        ask(provider)

    assert len(provider.requests) == 2
