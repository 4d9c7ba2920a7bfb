"""The chat adapter through the real client, against a scripted endpoint on loopback."""

import itertools
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.catalog.port_models import ModelEntry
from lectern.errors import LecternError, PermanentError, RateLimited, TransientError
from lectern.models.chat import OpenAIChat
from lectern.models.ports import ChatMessage, ChatReply, Image, Tool, ToolCall
from lectern.models.registry_clients import chat_of
from lectern.models.thinking import ThinkingSplitter
from lectern.settings import Settings
from tests.provider.chat import Script, ScriptedChat, calling, refusal

PROMPT = (ChatMessage("system", "Answer."), ChatMessage("user", "What is the answer?"))
KEY = "sk-a-very-secret-key"


@pytest.fixture
def provider() -> Iterator[ScriptedChat]:
    with ScriptedChat().running() as running:
        yield running


def chat(provider: ScriptedChat, *, first_token_s: float = 5.0) -> OpenAIChat:
    return OpenAIChat(provider.url, KEY, "small", 10.0, first_token_s=first_token_s)


def ask(model: OpenAIChat, *, timeout_s: float = 10.0) -> tuple[str, str, ChatReply]:
    reply = model.reply(PROMPT, timeout_s=timeout_s)
    deltas = list(reply.deltas)
    return "".join(d.text for d in deltas), "".join(d.reasoning for d in deltas), reply


def test_a_reply_streams_with_its_usage_in_one_request(provider: ScriptedChat) -> None:
    provider.play(Script(text="Forty-two\u2028is it [1]. 그렇다."))

    text, reasoning, reply = ask(chat(provider))

    assert text == "Forty-two\u2028is it [1]. 그렇다."
    assert reasoning == ""
    assert reply.usage.completion_tokens > 0
    assert reply.usage.prompt_tokens > 0
    assert reply.usage.finish_reason == "stop"
    [request] = provider.requests
    assert request.authorization == f"Bearer {KEY}"
    assert request.body["messages"][1] == {"role": "user", "content": "What is the answer?"}


def test_a_reply_arrives_while_it_is_being_written(provider: ScriptedChat) -> None:
    provider.play(Script(pieces=("one ", "two"), between_s=30))

    reply = chat(provider).reply(PROMPT, timeout_s=10)
    first = next(reply.deltas)
    provider.release.set()

    assert first.text == "one "
    assert [delta.text for delta in reply.deltas] == ["two"]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(Script(text="yes", usage=False), id="no usage"),
        pytest.param(Script(text="yes", refuses=("stream_options",)), id="refuses stream_options"),
        pytest.param(Script(text="yes", finish_reason=""), id="no finish reason but [DONE]"),
        pytest.param(Script(text="yes", done=False), id="no [DONE] but a finish reason"),
    ],
)
def test_servers_that_know_less_are_tolerated(provider: ScriptedChat, script: Script) -> None:
    provider.play(script)

    text, _, _ = ask(chat(provider))

    assert text == "yes"


def test_a_refused_option_is_not_sent_again(provider: ScriptedChat) -> None:
    provider.play(Script(text="yes", refuses=("stream_options",)))
    model = chat(provider)

    ask(model)
    ask(model)

    assert len(provider.requests) == 3


@pytest.mark.parametrize(
    ("script", "text", "reasoning"),
    [
        pytest.param(
            Script(pieces=("<th", "ink>", "hm", "</thi", "nk>", "yes")), "yes", "hm", id="cut tags"
        ),
        pytest.param(Script(reasoning=("h", "m"), text="yes"), "yes", "hm", id="own field"),
        pytest.param(Script(text="a <think> tag"), "a <think> tag", "", id="quoted in the answer"),
        pytest.param(
            Script(text="a <think>b</think> c"), "a <think>b</think> c", "", id="quoted whole"
        ),
        pytest.param(Script(text="<THINKING>hm</THINKING>yes"), "yes", "hm", id="another name"),
        pytest.param(Script(text="</think>yes"), "yes", "", id="nothing thought"),
    ],
)
def test_thinking_is_told_from_the_answer(
    provider: ScriptedChat, script: Script, text: str, reasoning: str
) -> None:
    provider.play(script)

    assert ask(chat(provider))[:2] == (text, reasoning)


def test_a_model_whose_template_opens_the_block_is_known_after_its_first_reply(
    provider: ScriptedChat,
) -> None:
    provider.play(Script(text="hm</think>yes"), Script(text="so</think>no"), Script(text="plain"))
    model = chat(provider)

    first, second, third = ask(model)[:2], ask(model)[:2], ask(model)[:2]

    assert "think" not in first[0]
    assert second == ("no", "so")
    assert third[0] == "plain", "without an end of the block it was the answer"


@pytest.mark.parametrize("name", ["deepseek-r1:8b", "qwq-32b", "Qwen3-4B-Thinking-2507"])
def test_a_model_that_is_known_to_think_is_not_waited_for_to_show_it(
    provider: ScriptedChat, name: str
) -> None:
    provider.play(Script(text="hm</think>yes"))

    assert ask(OpenAIChat(provider.url, KEY, name, 10.0))[:2] == ("yes", "hm")


TAGS = st.lists(
    st.sampled_from(["<think>", "</think>", "<Thinking>", "</thought>", "a", " ", "<", "b</", ">"]),
    max_size=12,
).map("".join)


@given(
    text=st.text("ab<think/> ", max_size=40) | TAGS,
    cuts=st.lists(st.integers(0, 80), max_size=8),
    begun=st.booleans(),
)
def test_where_a_stream_is_cut_does_not_change_what_is_thinking(
    text: str,
    cuts: list[int],
    begun: bool,  # noqa: FBT001 - hypothesis passes by name
) -> None:
    def split(pieces: list[str]) -> tuple[str, str]:
        splitter = ThinkingSplitter(begun=begun)
        deltas = [delta for piece in pieces for delta in splitter.feed(piece)]
        deltas += splitter.finish()
        return "".join(d.text for d in deltas), "".join(d.reasoning for d in deltas)

    at = [0, *sorted(cuts), len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(at)]

    assert split(pieces) == split([text])


@pytest.mark.parametrize(
    ("script", "kind", "code", "names"),
    [
        pytest.param(
            refusal(401, f"bad key {KEY}"),
            PermanentError,
            "chat_unauthorized",
            "LECTERN_CHAT_KEY",
            id="wrong key",
        ),
        pytest.param(
            refusal(403), PermanentError, "chat_unauthorized", "LECTERN_CHAT_KEY", id="no right"
        ),
        pytest.param(
            refusal(404), PermanentError, "chat_not_found", "LECTERN_CHAT_MODEL", id="no model"
        ),
        pytest.param(
            refusal(400, "too long", code="context_length_exceeded"),
            PermanentError,
            "context_too_long",
            "top_k",
            id="context by code",
        ),
        pytest.param(
            refusal(400, "This model's maximum context length is 4096 tokens"),
            PermanentError,
            "context_too_long",
            "top_k",
            id="context by message",
        ),
        pytest.param(
            refusal(422, "what?"),
            PermanentError,
            "chat_refused",
            "LECTERN_CHAT_MODEL",
            id="other refusal",
        ),
        pytest.param(
            Script(raw=b"<html>hello</html>", content_type="text/html"),
            PermanentError,
            "chat_not_streaming",
            "LECTERN_CHAT_URL",
            id="a web page",
        ),
        pytest.param(
            refusal(429, Retry_After="900"),
            RateLimited,
            "chat_rate_limited",
            "patience",
            id="long patience",
        ),
    ],
)
def test_errors_say_what_to_change_and_keep_the_key(
    provider: ScriptedChat, script: Script, kind: type[LecternError], code: str, names: str
) -> None:
    provider.play(script)

    with pytest.raises(kind) as caught:
        ask(chat(provider))

    assert caught.value.code == code
    assert names in caught.value.detail
    assert KEY not in caught.value.detail
    assert len(provider.requests) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(refusal(429, Retry_After="0"), id="rate limit"),
        pytest.param(refusal(500), id="server error"),
        pytest.param(Script(die_after=0), id="dies before the first token"),
    ],
)
def test_trouble_before_the_first_token_is_tried_again(
    provider: ScriptedChat, trouble: Script
) -> None:
    provider.play(trouble, Script(text="at last"))

    text, _, _ = ask(chat(provider))

    assert text == "at last"
    assert len(provider.requests) == 2


def test_the_wait_a_provider_asks_for_is_kept(provider: ScriptedChat) -> None:
    provider.play(refusal(429, Retry_After="1"), Script(text="at last"))

    started = time.monotonic()
    ask(chat(provider))

    assert time.monotonic() - started >= 0.95


def test_a_wait_beyond_the_deadline_is_not_begun(provider: ScriptedChat) -> None:
    provider.play(refusal(429, Retry_After="20"))

    with pytest.raises(RateLimited) as caught:
        ask(chat(provider), timeout_s=2)

    assert caught.value.retry_after_s == 20


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(Script(pieces=("one ", "two"), die_after=1), id="connection dies"),
        pytest.param(Script(text="one", finish_reason="", done=False), id="ends without an end"),
        pytest.param(
            Script(raw=b'data: {"choices":[{"delta":{"content":"one"}}]}\n\ndata: {"ch'),
            id="half an event",
        ),
        pytest.param(
            Script(
                raw=b'data: {"choices":[{"delta":{"content":"one"}}]}\n\n'
                b'data: {"error":{"message":"gpu gone"}}\n\n'
            ),
            id="error event",
        ),
    ],
)
def test_a_stream_that_breaks_in_the_middle_is_said_to_be_broken(
    provider: ScriptedChat, script: Script
) -> None:
    provider.play(script)

    reply = chat(provider).reply(PROMPT, timeout_s=10)
    got = [next(reply.deltas).text]
    with pytest.raises(TransientError) as caught:
        got += [delta.text for delta in reply.deltas]

    assert got[0].startswith("one")
    assert caught.value.code == "stream_broken"
    assert len(provider.requests) == 1


def test_the_first_token_is_not_awaited_for_ever(provider: ScriptedChat) -> None:
    provider.play(Script(first_token_s=60))

    with pytest.raises(TransientError, match="first token") as caught:
        ask(chat(provider, first_token_s=0.2))

    assert caught.value.code == "chat_timeout"


@pytest.mark.parametrize("timeout_s", [1.0, 10.0])
def test_a_reply_that_said_why_it_ended_is_whole_though_its_connection_stays_open(
    provider: ScriptedChat, timeout_s: float
) -> None:
    provider.play(Script(text="It is 42.", done=False, lingers_s=60))

    started = time.monotonic()
    text, _, reply = ask(chat(provider), timeout_s=timeout_s)

    assert (text, reply.usage.finish_reason) == ("It is 42.", "stop")
    assert reply.usage.completion_tokens > 0, "they come after the reason"
    assert time.monotonic() - started < 5


def test_the_first_token_may_take_half_of_a_long_time() -> None:
    entry = ModelEntry("m1", "Slow", "chat", "http://127.0.0.1:9/v1", "slow", timeout_s=300)

    assert chat_of(entry, "", Settings())._first_token_s == 150  # type: ignore[attr-defined]


def test_the_deadline_ends_a_stream_that_stalls(provider: ScriptedChat) -> None:
    provider.play(Script(pieces=("one", "two"), between_s=60))

    with pytest.raises(TransientError, match="LECTERN_CHAT_TIMEOUT_S"):
        ask(chat(provider), timeout_s=0.5)


def test_nobody_listening_is_a_transient_error() -> None:
    with pytest.raises(TransientError) as caught:
        ask(OpenAIChat("http://127.0.0.1:9/v1", "", "small", 10))

    assert caught.value.code == "chat_unreachable"
    assert "LECTERN_CHAT_URL" in caught.value.detail


def test_closing_ends_the_request_also_while_another_thread_waits(provider: ScriptedChat) -> None:
    provider.play(Script(pieces=("one", *["two"] * 5000), between_s=0.005))
    reply = chat(provider).reply(PROMPT, timeout_s=10)
    next(reply.deltas)
    rest: list[str] = []
    reader = threading.Thread(target=lambda: rest.extend(d.text for d in reply.deltas))

    reader.start()
    reply.deltas.close()
    reader.join(5)

    assert not reader.is_alive()
    assert provider.disconnected.wait(5)


TOOL = Tool("search", "Searches.", {"type": "object", "properties": {"query": {"type": "string"}}})


def calls_of(model: OpenAIChat, *messages: ChatMessage) -> tuple[ToolCall, ...]:
    deltas = list(model.reply(messages or PROMPT, timeout_s=10, tools=[TOOL]).deltas)
    return tuple(call for delta in deltas for call in delta.tool_calls)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param(
            calling("search", '{"query": "leave"}'),
            [("call_1", "search", '{"query": "leave"}')],
            id="in pieces",
        ),
        pytest.param(
            Script(
                text="",
                calls=(
                    {"function": {"name": "search", "arguments": '{"query": "a"}'}},
                    {"function": {"name": "search", "arguments": '{"query": "b"}'}},
                ),
            ),
            [("call_1", "search", '{"query": "a"}'), ("call_2", "search", '{"query": "b"}')],
            id="whole, without numbers and ids",
        ),
        pytest.param(
            Script(
                text="",
                calls=(
                    {"index": 0, "id": "x", "function": {"name": "search", "arguments": "{}"}},
                    {"index": 0, "id": "y", "function": {"name": "search", "arguments": "{}"}},
                ),
            ),
            [("x", "search", "{}"), ("y", "search", "{}")],
            id="one number for all",
        ),
        pytest.param(Script(calls=({"index": "no", "function": 5},)), [], id="nonsense"),
    ],
)
def test_tool_calls_come_whole(
    provider: ScriptedChat, script: Script, expected: list[tuple[str, str, str]]
) -> None:
    provider.play(script)

    calls = calls_of(chat(provider))

    assert [(call.call_id, call.name, call.arguments) for call in calls] == expected
    assert provider.requests[0].body["tools"][0]["function"]["name"] == "search"


def test_calls_and_their_results_go_back_to_the_model(provider: ScriptedChat) -> None:
    call = ToolCall("call_1", "search", '{"query": "leave"}')

    calls_of(
        chat(provider),
        *PROMPT,
        ChatMessage("assistant", "", tool_calls=(call,)),
        ChatMessage("tool", "25 days", call_id="call_1"),
    )

    asked, answered = provider.requests[0].body["messages"][-2:]
    assert asked["tool_calls"][0]["function"] == {
        "name": "search",
        "arguments": '{"query": "leave"}',
    }
    assert answered == {"role": "tool", "content": "25 days", "tool_call_id": "call_1"}


def test_tool_calls_that_do_not_end_are_cut(provider: ScriptedChat) -> None:
    piece = {"index": 0, "id": "x", "function": {"name": "search", "arguments": "[" * 60_000}}
    provider.play(Script(text="", calls=(piece,) * 4))

    with pytest.raises(TransientError, match="do not end"):
        calls_of(chat(provider))


def test_a_model_without_tools_says_so_in_its_own_code(provider: ScriptedChat) -> None:
    provider.play(refusal(400, "registry.example/small does not support tools"))

    with pytest.raises(PermanentError) as caught:
        calls_of(chat(provider))

    assert caught.value.code == "chat_no_tools"


def test_a_picture_stands_before_the_text(provider: ScriptedChat) -> None:
    seen = ChatMessage("user", "What is this?", images=(Image("image/png", b"\x89PNG"),))

    list(chat(provider).reply([seen], timeout_s=10).deltas)

    picture, text = provider.requests[0].body["messages"][0]["content"]
    assert picture["image_url"]["url"] == "data:image/png;base64,iVBORw=="
    assert text == {"type": "text", "text": "What is this?"}


def test_a_renamed_option_is_sent_under_its_new_name(provider: ScriptedChat) -> None:
    provider.play(Script(text="yes", refuses=("max_tokens",)))
    model = chat(provider)

    for _ in range(2):
        list(model.reply(PROMPT, timeout_s=10, max_tokens=50).deltas)

    assert [
        ("max_tokens" in r.body, r.body.get("max_completion_tokens")) for r in provider.requests
    ] == [
        (True, None),
        (False, 50),
        (False, 50),
    ]


def test_prompt_and_key_follow_no_redirect(provider: ScriptedChat) -> None:
    with ScriptedChat().running() as elsewhere:
        location = f"{elsewhere.url}/chat/completions"
        provider.play(Script(status=307, headers={"Location": location}, error={"message": "go"}))

        with pytest.raises(PermanentError) as refused:
            ask(chat(provider))

    assert refused.value.code == "chat_redirected"
    assert elsewhere.requests == []


def test_a_password_in_an_address_is_not_shown() -> None:
    with pytest.raises(TransientError) as failed:
        ask(OpenAIChat("http://kim:s3cret@127.0.0.1:9/v1?key=s3cret", "", "small", 10))

    assert "127.0.0.1:9" in failed.value.detail
    assert "s3cret" not in failed.value.detail


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(refusal(400, "this model does not support tools"), id="says so"),
        pytest.param(refusal(500, "tools param requires --jinja flag"), id="llama.cpp"),
    ],
)
def test_a_model_without_tools_is_told_from_one_in_trouble(
    provider: ScriptedChat, script: Script
) -> None:
    provider.play(*[script] * 3)
    search = Tool("search", "Searches.", {"type": "object", "properties": {}})

    with pytest.raises(PermanentError) as refused:
        list(chat(provider).reply([ChatMessage("user", "?")], timeout_s=10, tools=[search]).deltas)

    assert refused.value.code == "chat_no_tools"
    assert len(provider.requests) == 1
