"""A question on its way to an answer: evidence, steps, costs, and the time left."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from functions.answer.events import working
from functions.answer.evidence import Evidence
from functions.answer.following import Understood
from functions.answer.preferring import Wishes
from functions.answer.recording import Recording
from functions.answer.retrieving import Library
from functions.answer.streaming import Cancellation
from lectern.api import AnswerEvent, AnswerStep, Notice, SearchReply, SearchRequest, StepLink
from lectern.errors import TransientError
from lectern.models import ChatMessage, ChatModel, ChatUsage
from lectern.models.structured import reply_as

if TYPE_CHECKING:
    from functions.answer.tools.box import AnswerTool

M = TypeVar("M", bound=BaseModel)

_LAST_SEARCH_SHARE = 0.5  # of the time that is left when gathering came to nothing
_LONGEST_QUERY = 8000  # characters; what retrieve takes
_LONGEST_LABEL = 200
_ALL_THAT_LEFT = 2300  # of a tool outside: its names and everything it was sent
_LONGEST_RESULT = 400
_OUTSIDE = frozenset({"web", "outer"})


@dataclass(slots=True)
class Inquiry:
    """One question on its way to an answer.

    Args:
        asked: What is searched for, and what is answered.
        wishes: Where to search and how to answer.
        library: What the asker may read; safe to use from several threads.
        chat: Thinks; only modes beyond `simple` need it.
        deadline: When gathering has to end, by `time.monotonic`.
        ends: When the whole answer has to.
        cancellation: Ends a model's reply when the reader has gone.
        recording: Told which indexes were searched.
        outer: Tools outside Lectern that agents may use.
        small: Puts questions so that they can be searched for; None to do without.

    `kept` is what a tool read and may want again, under a key of its own.
    """

    asked: Understood
    wishes: Wishes
    library: Library
    chat: ChatModel | None
    deadline: float
    ends: float
    cancellation: Cancellation
    recording: Recording
    small: ChatModel | None = None
    outer: Sequence["AnswerTool"] = ()
    evidence: Evidence = field(default_factory=Evidence)
    steps: list[AnswerStep] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)
    timings_ms: dict[str, float] = field(default_factory=dict)
    usage: ChatUsage = field(default_factory=ChatUsage)
    model_calls: int = 0
    kept: dict[str, object] = field(default_factory=dict)
    _began: dict[int, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def left_s(self) -> float:
        """Seconds left for gathering, at least a little.

        Raises:
            TransientError: They are over, or the reader has gone.
        """
        left_s = self.deadline - monotonic()
        if left_s <= 0 or self.cancellation.cancelled:
            raise TransientError("the time for this answer is over", code="answer_timeout")
        return left_s

    def allow_one_search(self) -> None:
        """Extend a deadline that is over, or nearly, by part of the time there is for writing."""
        now = monotonic()
        self.deadline = max(self.deadline, now + _LAST_SEARCH_SHARE * (self.ends - now))

    def search(self, query: str, **changes: object) -> SearchReply:
        """Search within the question's scope; `changes` are fields of `SearchRequest`.

        What the reader has to know of the search joins the warnings, once.

        Raises:
            LecternError: Retrieve refused, was silent for too long, or there is no time left.
        """
        self.library.end_by(monotonic() + self.left_s)
        wishes = self.wishes
        request = SearchRequest(
            query=query[-_LONGEST_QUERY:],
            collections=list(wishes.collections),
            documents=list(wishes.documents),
            filters=wishes.filters,
            mode=wishes.mode,
            top_k=wishes.top_k,
        )
        found = self.library.search(request.model_copy(update=changes))
        self.recording.note_search(found.searched)
        self.warn(*found.warnings)
        return found

    def warn(self, *notices: Notice) -> None:
        """Tell the reader, each thing once. Safe to use from several threads."""
        with self._lock:
            self.warnings += [notice for notice in notices if notice not in self.warnings]

    def count(self, usage: ChatUsage) -> None:
        """Add what one call of the model took. Safe to use from several threads."""
        with self._lock:
            self.model_calls += 1
            self.usage.prompt_tokens += usage.prompt_tokens
            self.usage.completion_tokens += usage.completion_tokens

    def reply_as(self, chat: ChatModel, messages: Sequence[ChatMessage], shape: type[M]) -> M:
        """Return what the model replies, as `shape`, within the time left; counted as one call.

        Raises:
            LecternError: See `lectern.models.structured.reply_as`; or the time is over.
        """
        usage = ChatUsage()
        reply = reply_as(
            chat,
            messages,
            shape,
            timeout_s=self.left_s,
            usage=usage,
            on_cancel=self.cancellation.on_cancel,
        )
        self.count(usage)
        return reply

    def begin(self, kind: str, label: str) -> tuple[int, AnswerEvent]:
        """Begin a step; return its number and the event that says so."""
        shown = " ".join(label.split())[: _ALL_THAT_LEFT if kind in _OUTSIDE else _LONGEST_LABEL]
        number = len(self.steps) + 1
        step = AnswerStep.model_validate(
            {"number": number, "kind": kind, "label": shown, "state": "begun"}
        )
        self._began[number] = perf_counter()
        self.steps.append(step)
        return number, working(step)

    def end(
        self,
        number: int,
        *,
        result: str = "",
        found: int | None = None,
        failed: bool = False,
        links: Sequence[StepLink] = (),
    ) -> AnswerEvent:
        """End a step; return the event that says so."""
        ended = self.steps[number - 1].model_copy(
            update={
                "state": "failed" if failed else "done",
                "result": " ".join(result.split())[:_LONGEST_RESULT],
                "found": found,
                "links": list(links),
                "took_ms": round((perf_counter() - self._began[number]) * 1000, 1),
            }
        )
        self.steps[number - 1] = ended
        return working(ended)
