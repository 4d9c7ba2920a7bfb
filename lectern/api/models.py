"""Which models are configured, and whether they answer; for administrators."""

from typing import Literal

from lectern.api.bodies import Reply, Request

ModelRole = Literal["embedder", "chat"]


class ModelReply(Reply):
    """A configured model. `endpoint` is the host it runs at, "" in this process.

    `dimensions` are an embedder's, when they are known without asking it.
    """

    role: ModelRole
    name: str
    endpoint: str
    dimensions: int | None = None


class ModelList(Reply):
    """The models in use; without one of role `chat`, answers are sentences of the documents."""

    models: list[ModelReply]


class ModelTestRequest(Request):
    """Which model shall be tried."""

    role: ModelRole


class ModelTestReply(Reply):
    """What came of a trial: a short request and how long its answer took.

    `detail` says what is wrong when `reachable` is false, and "" otherwise.
    """

    role: ModelRole
    reachable: bool
    latency_ms: float
    dimensions: int | None = None
    detail: str = ""
