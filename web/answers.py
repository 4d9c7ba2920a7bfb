"""Answers while they are being given: each is read by a thread of its own, and pages look on.

A script run of Streamlit ends with the next click, a reload or a cut websocket. So no run ever
reads a stream: it starts an answer here and draws what has come so far, again and again, and after
a reload it finds the answer by its conversation. The answer function stores every answer itself;
what is kept here is only what has not been shown yet.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from lectern.api import (
    AnswerEvent,
    AnswerReply,
    AnswerRequest,
    AnswerStep,
    Citation,
    Passage,
)
from lectern.client import Lectern
from lectern.client.connection import error_of_problem
from lectern.documents import new_id
from lectern.errors import LecternError, RateLimited, TransientError
from web import metrics

log = logging.getLogger("lectern.web")

State = Literal["running", "done", "stopped", "failed"]

MOST_RUNNING = 200
MOST_RUNNING_OF_ONE = 5
LONGEST_S = 900.0
KEPT_S = 600.0  # how long a finished answer waits for the page that asked


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way to an answer, begun `at_s` seconds after the question.

    Of an agent's work, `name` is `work_` with its kind, and `label` what it is about.
    """

    name: str
    at_s: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An answer as far as it has come. The ids are "" until the answer function has told them."""

    answer_id: str
    question: str
    state: State = "running"
    text: str = ""
    reasoning: str = ""
    steps: Sequence[Step] = ()
    passages: Sequence[Passage] = ()
    citations: Sequence[Citation] = ()
    follow_ups: Sequence[str] = ()
    reply: AnswerReply | None = None
    error: LecternError | None = None
    conversation_id: str = ""
    question_id: str = ""
    message_id: str = ""
    elapsed_s: float = 0.0


class LiveAnswer:
    """One answer on its way. Safe to look at and to stop from any thread.

    Args:
        owner: Id of the user who asked; nobody else may look.
        request: What was asked.
        parent_id: The message the question or answer follows, as the page shows it.
    """

    def __init__(self, owner: str, request: AnswerRequest, parent_id: str = "") -> None:
        self.answer_id = new_id()
        self.owner = owner
        self.request = request
        self.parent_id = parent_id
        self.finished_at: float | None = None
        self._started = time.monotonic()
        self._seen = Snapshot(
            self.answer_id, request.question, conversation_id=_known(request.conversation_id)
        )
        self._lock = threading.Lock()
        self._identified = threading.Event()
        self._finished = threading.Event()
        self._interrupt: Callable[[], None] | None = None

    @property
    def running(self) -> bool:
        """Whether more may come."""
        return self._seen.state == "running"

    @property
    def overdue(self) -> bool:
        """Whether it has been running for longer than any answer may."""
        return self.running and time.monotonic() - self._started > LONGEST_S

    def snapshot(self) -> Snapshot:
        """Return what has come so far."""
        with self._lock:
            if self._seen.state != "running":
                return self._seen
            return replace(self._seen, elapsed_s=time.monotonic() - self._started)

    def wait_for_ids(self, timeout_s: float) -> Snapshot:
        """Return a snapshot with the conversation's id, or without when it takes longer."""
        self._identified.wait(timeout_s)
        return self.snapshot()

    def wait(self, timeout_s: float) -> Snapshot:
        """Return the finished answer, or what there is when it takes longer."""
        self._finished.wait(timeout_s)
        return self.snapshot()

    def stop(self) -> None:
        """End it now and keep the part that came; without effect on a finished answer."""
        self._finish("stopped")
        if self._interrupt is not None:
            self._interrupt()

    def read(self, client: Lectern) -> None:
        """Read the whole answer; runs in its own thread and never raises."""
        try:
            for event in client.answer(self.request, on_open=self._opened):
                if not self.running:
                    return
                self._take(event)
            self._fail(TransientError("the answer was cut off; ask again", code="stream_broken"))
        except LecternError as error:
            self._fail(error)
        except Exception:
            log.exception("an answer failed")
            self._fail(LecternError("the answer failed; ask again"))

    def _opened(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        if not self.running:
            interrupt()

    def _take(self, event: AnswerEvent) -> None:
        data = event.data
        match event.event:
            case "status":
                self._step(data)
                self._identify(data)
            case "passages":
                self._change(passages=[Passage.model_validate(each) for each in data["passages"]])
            case "token":
                self._change(text=self._seen.text + str(data["text"]))
            case "citation":
                citation = Citation.model_validate(data)
                self._change(citations=[*self._seen.citations, citation])
            case "followups":
                self._change(follow_ups=[str(each) for each in data.get("questions", ())])
            case "done":
                reply = AnswerReply.model_validate(data)
                self._identify(data)
                self._change(text=reply.answer, passages=reply.passages, citations=reply.citations)
                self._finish("done", reply=reply)
            case "error":
                self._fail(error_of_problem(data))

    def _step(self, data: dict[str, Any]) -> None:
        step = Step(str(data.get("step", "")), time.monotonic() - self._started)
        if step.name == "thinking":
            self._change(reasoning=self._seen.reasoning + str(data.get("text", "")))
            if self._seen.steps and self._seen.steps[-1].name == step.name:
                return
        if "work" in data:
            work = AnswerStep.model_validate(data["work"])
            if work.state != "begun":
                return
            step = replace(step, name=f"work_{work.kind}", label=work.label)
        self._change(steps=[*self._seen.steps, step])

    def _identify(self, data: dict[str, object]) -> None:
        names = ("conversation_id", "question_id", "message_id")
        told = {name: str(data[name]) for name in names if data.get(name)}
        if told:
            self._change(**told)
            self._identified.set()

    def _change(self, **fields: object) -> bool:
        """Change what is seen of a running answer; return whether it was running."""
        with self._lock:
            if self._seen.state != "running":
                return False
            self._seen = replace(self._seen, **fields)  # type: ignore[arg-type]
            return True

    def _fail(self, error: LecternError) -> None:
        self._finish("failed", error=error)

    def _finish(self, state: State, **fields: object) -> None:
        if self._change(state=state, elapsed_s=time.monotonic() - self._started, **fields):
            metrics.ANSWERS_RUNNING.dec()
            metrics.ANSWERS.labels(state).inc()
        self.finished_at = self.finished_at or time.monotonic()
        self._identified.set()
        self._finished.set()


@dataclass(slots=True)
class LiveAnswers:
    """Every answer of this process that is running or not yet shown."""

    _answers: dict[str, LiveAnswer] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(
        self, client: Lectern, owner: str, request: AnswerRequest, *, parent_id: str = ""
    ) -> LiveAnswer:
        """Ask, and return the answer that begins to come.

        Raises:
            RateLimited: Too many are running, of this user or of all.
        """
        answer = LiveAnswer(owner, request, parent_id)
        with self._lock:
            self._tidy()
            running = [each for each in self._answers.values() if each.running]
            own = sum(each.owner == owner for each in running)
            if len(running) >= MOST_RUNNING or own >= MOST_RUNNING_OF_ONE:
                raise RateLimited("too many answers are being given; wait for one to finish")
            self._answers[answer.answer_id] = answer
        metrics.ANSWERS_RUNNING.inc()
        threading.Thread(
            target=answer.read, args=(client,), name=f"answer-{answer.answer_id}", daemon=True
        ).start()
        return answer

    def get(self, owner: str, answer_id: str) -> LiveAnswer | None:
        """Return an answer of this user, None when it is not theirs or was forgotten."""
        with self._lock:
            answer = self._answers.get(answer_id)
        return answer if answer is not None and answer.owner == owner else None

    def of_conversation(self, owner: str, conversation_id: str) -> LiveAnswer | None:
        """Return the latest answer in a conversation that is not shown yet."""
        with self._lock:
            for answer in reversed(self._answers.values()):
                if (answer.owner, answer.snapshot().conversation_id) == (owner, conversation_id):
                    return answer
        return None

    def forget(self, answer: LiveAnswer) -> None:
        """Let go of a finished answer that was shown."""
        with self._lock:
            self._answers.pop(answer.answer_id, None)

    def _tidy(self) -> None:
        """Stop what runs for too long, and let go of what nobody came for."""
        now = time.monotonic()
        for answer in list(self._answers.values()):
            if answer.overdue:
                answer.stop()
            if answer.finished_at is not None and now - answer.finished_at > KEPT_S:
                del self._answers[answer.answer_id]


LIVE = LiveAnswers()
"""The answers of this process."""


def _known(conversation_id: str) -> str:
    return "" if conversation_id == "new" else conversation_id
