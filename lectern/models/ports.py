"""What Lectern asks of models; nothing here imports one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns text into vectors of unit length, so that a dot product is the cosine.

    Equal text gives equal vectors up to the runtime's rounding. Texts beyond `max_tokens` are cut.
    Every method may raise `TransientError` (or `RateLimited`) for an endpoint in trouble and
    `PermanentError` for one that is misconfigured.
    """

    @property
    def name(self) -> str:
        """What people call it: `offline/all-MiniLM-L6-v2`, or the endpoint's model."""
        ...

    @property
    def max_tokens(self) -> int:
        """Longest text that counts whole."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of every vector; an endpoint is asked for it once."""
        ...

    @property
    def fingerprint(self) -> str:
        """Identity of model, weights and pooling; vectors of two fingerprints never mix."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return shape (len(texts), dimensions), float32, unit length, in the order given."""
        ...

    def embed_query(self, text: str) -> "NDArray[np.float32]":
        """Return shape (dimensions,), float32, unit length."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return how many of `max_tokens` the text takes; an estimate from above for endpoints."""
        ...


JsonSchema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture for a model that sees: its bytes, and their media type (`image/png`)."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Tool:
    """What a model may call: `parameters` is the JSON schema of its arguments, an object."""

    name: str
    description: str
    parameters: JsonSchema


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to have a tool run. `arguments` is the text it wrote, JSON or not."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt.

    An `assistant` message may carry the `tool_calls` it consisted of; each is answered by a `tool`
    message with its `call_id`. Only a `user` message has `images`, which stand before its text.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    images: tuple[Image, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class ChatDelta:
    """A piece of a streamed reply. `reasoning` is what the model thinks aloud, never the answer.

    `tool_calls` come whole, all at once, as the last piece.
    """

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(slots=True)
class ChatUsage:
    """Tokens a reply took; filled in while it streams. 0 when the provider does not say.

    `model` names the one that answered, "" when it is the one that was asked.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    finish_reason: str = ""
    model: str = ""


class ChatDeltas(Protocol):
    """The pieces of a reply as they arrive."""

    def __iter__(self) -> Iterator[ChatDelta]:
        """Return itself."""
        ...

    def __next__(self) -> ChatDelta:
        """Wait for the next piece; see `ChatModel.reply` for what may be raised."""
        ...

    def close(self) -> None:
        """End the request; a `__next__` waiting in another thread then stops. Safe to repeat."""
        ...


@dataclass(frozen=True, slots=True)
class ChatReply:
    """A reply under way: iterate `deltas` to its end, then read `usage`."""

    deltas: ChatDeltas
    usage: ChatUsage = field(default_factory=ChatUsage)


class ChatModel(Protocol):
    """Generates text from messages, streamed.

    `context_tokens` is what prompt and reply may take together; `sees_images`, whether it takes
    pictures.
    """

    name: str
    context_tokens: int
    sees_images: bool

    def reply(
        self,
        messages: Sequence[ChatMessage],
        *,
        timeout_s: float,
        tools: Sequence[Tool] = (),
        schema: JsonSchema | None = None,
        max_tokens: int | None = None,
    ) -> ChatReply:
        """Begin a reply. Closing `deltas` ends the request, also from another thread.

        Args:
            messages: The prompt.
            timeout_s: Longest wait for the whole reply.
            tools: What the model may call instead of answering.
            schema: Asks for JSON that fits it. A model that cannot promise that answers as it
                likes, so the prompt has to ask for it too; see `lectern.models.structured`.
            max_tokens: Longest reply; None for the model's own limit.

        Raises, here or while iterating:
            TransientError: The provider is unreachable, slow beyond `timeout_s`, overloaded, or
                broke off in the middle (code `stream_broken`).
            RateLimited: The provider asks for patience.
            PermanentError: The key or the model is wrong; the detail says which setting. With code
                `chat_no_tools`: it takes no tools.
        """
        ...


class Reranker(Protocol):
    """Judges how well texts answer a question."""

    name: str

    def rerank(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """Return the relevance of each text, 0 to 1, in the order given.

        Raises:
            TransientError: The provider is unreachable, slow or overloaded.
            RateLimited: It asks for patience.
            PermanentError: The key or the model is wrong.
        """
        ...
