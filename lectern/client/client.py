"""The client itself: every endpoint of every function as a method."""

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from lectern.api import (
    AnswerEvent,
    AnswerReply,
    AnswerRequest,
    Me,
    MindMapReply,
    MindMapRequest,
    SearchReply,
    SearchRequest,
)
from lectern.client.accounts import Account, ApiKeys
from lectern.client.administration import AuditLog, Groups, Invitations, Users
from lectern.client.answers import events_of, interrupter
from lectern.client.assistants import Assistants
from lectern.client.backups import Backups
from lectern.client.collections import Collections
from lectern.client.connection import Connection
from lectern.client.conversations import Conversations
from lectern.client.documents import Documents
from lectern.client.models import Models
from lectern.client.pages import Pages
from lectern.client.preferences import AllFeedback, OwnSettings
from lectern.client.receipts import Prompts, Receipts
from lectern.client.tools import Tools
from lectern.client.upkeep import DeadLetters
from lectern.client.usage import Usage

if TYPE_CHECKING:
    import httpx

DEFAULT_FUNCTION_URL = "http://127.0.0.1:8080/{function}"
_TIMEOUT_S = 60.0
_WHOLE_ANSWER_TIMEOUT_S = 600.0


class Lectern:
    """Lectern as one caller sees it. Safe to share between threads; close it when done.

    Every method may raise the errors of `lectern.errors`: what a function answered, or a
    `TransientError` when it cannot be reached.

    Args:
        function_url: Address of a function; `{function}` stands for its name.
        token: Session token or API key of the caller.
        transport: Replaces the network, for functions in this very process.
        timeout_s: Longest silence of the other side, in seconds.
        traceparent: W3C trace context that the calls belong to; "" for none.
    """

    def __init__(
        self,
        function_url: str = DEFAULT_FUNCTION_URL,
        token: str = "",
        *,
        transport: "httpx.BaseTransport | None" = None,
        timeout_s: float = _TIMEOUT_S,
        traceparent: str = "",
    ) -> None:
        self._connection = Connection(
            function_url, token, transport=transport, timeout_s=timeout_s, traceparent=traceparent
        )
        self.account = Account(self._connection)
        self.api_keys = ApiKeys(self._connection)
        self.assistants = Assistants(self._connection)
        self.audit = AuditLog(self._connection)
        self.backups = Backups(self._connection)
        self.collections = Collections(self._connection)
        self.conversations = Conversations(self._connection)
        self.documents = Documents(self._connection)
        self.feedback = AllFeedback(self._connection)
        self.settings = OwnSettings(self._connection)
        self.dead_letters = DeadLetters(self._connection)
        self.groups = Groups(self._connection)
        self.invitations = Invitations(self._connection)
        self.models = Models(self._connection)
        self.tools = Tools(self._connection)
        self.pages = Pages(self._connection)
        self.prompts = Prompts(self._connection)
        self.receipts = Receipts(self._connection)
        self.usage = Usage(self._connection)
        self.users = Users(self._connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection; iterators of this client end with an error."""
        self._connection.close()

    def end_by(self, until: float) -> None:
        """Have every call that begins from now on end by `until`, of `time.monotonic`.

        A call that falls silent until then, or would begin later, raises `TransientError`.
        """
        self._connection.end_by(until)

    def me(self) -> Me:
        """Return who the token belongs to."""
        return self._connection.fetch("catalog", "GET", "/v1/me", Me)

    def search(self, request: SearchRequest) -> SearchReply:
        """Return the passages that answer a question, most relevant first."""
        return self._connection.fetch("retrieve", "POST", "/v1/search", SearchReply, body=request)

    def answer(
        self,
        request: AnswerRequest,
        *,
        on_open: Callable[[Callable[[], None]], None] | None = None,
    ) -> Iterator[AnswerEvent]:
        """Yield the events of an answer as they come; the last one is `done` or `error`.

        Args:
            request: What is asked.
            on_open: Given a function that ends the answer at once, from any thread: the reading
                then raises `TransientError`, and Lectern keeps the part that came.

        Raises:
            TransientError: With code `stream_broken`: the stream ended before `done` or `error`.
        """
        streamed = request.model_copy(update={"stream": True})
        with self._connection.open("answer", "POST", "/v1/answer", body=streamed) as response:
            if on_open is not None:
                on_open(interrupter(response))
            yield from events_of(response.iter_bytes())

    def answer_once(self, request: AnswerRequest) -> AnswerReply:
        """Return the whole answer when it is finished."""
        whole = request.model_copy(update={"stream": False})
        return self._connection.fetch(
            "answer",
            "POST",
            "/v1/answer",
            AnswerReply,
            body=whole,
            timeout=_WHOLE_ANSWER_TIMEOUT_S,  # nothing comes before everything does
        )

    def mind_map(self, request: MindMapRequest) -> MindMapReply:
        """Return an answer, a document or passages as a tree."""
        return self._connection.fetch(
            "answer",
            "POST",
            "/v1/mind-map",
            MindMapReply,
            body=request,
            timeout=_WHOLE_ANSWER_TIMEOUT_S,
        )
