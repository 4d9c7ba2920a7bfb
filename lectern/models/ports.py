"""What Lectern asks of models; nothing here imports one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns text into vectors of unit length, so that a dot product is the cosine.

    Equal text gives equal vectors up to the runtime's rounding. Texts beyond `max_tokens` are cut.
    Every method may raise `TransientError` (or `RateLimited`) for an endpoint in trouble and
    `PermanentError` for one that is misconfigured.
    """

    name: str
    """What people call it: `offline/all-MiniLM-L6-v2`, or the endpoint's model."""
    max_tokens: int

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


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ChatDelta:
    """A piece of a streamed reply. `reasoning` is what the model thinks aloud, never the answer."""

    text: str = ""
    reasoning: str = ""


@dataclass(slots=True)
class ChatUsage:
    """Tokens a reply took; filled in while it streams. 0 when the provider does not say."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    finish_reason: str = ""


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
    """Generates text from messages, streamed."""

    name: str

    def reply(self, messages: Sequence[ChatMessage], *, timeout_s: float) -> ChatReply:
        """Begin a reply. Closing `deltas` ends the request, also from another thread.

        Raises, here or while iterating:
            TransientError: The provider is unreachable, slow beyond `timeout_s`, overloaded, or
                broke off in the middle (code `stream_broken`).
            RateLimited: The provider asks for patience.
            PermanentError: The key or the model is wrong; the detail says which setting.
        """
        ...
